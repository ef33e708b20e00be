/** A shell under tmux: a real terminal, whose screen can be read. */
import { spawnSync } from 'node:child_process'
import { setTimeout as wait } from 'node:timers/promises'

export const hasTmux = spawnSync('tmux', ['-V']).status === 0

export class TmuxShell {
  private static count = 0
  /** A server of its own: whatever else runs under tmux is left alone. */
  private readonly socket = `millrace-test-${process.pid}-${TmuxShell.count++}`

  constructor(columns: number, rows: number, env: Readonly<Record<string, string>> = {}) {
    const variables = Object.entries({ LC_ALL: 'C.UTF-8', PS1: '$ ', ENV: '', ...env })
    const given = variables.map(([name, value]) => `${name}='${value}'`).join(' ')
    this.tmux('new-session', '-d', '-x', String(columns), '-y', String(rows), `env ${given} sh -i`)
  }

  private tmux(...args: string[]): string {
    const { stdout, stderr, status } = spawnSync('tmux', ['-L', this.socket, '-f', '/dev/null', ...args], {
      encoding: 'utf8',
    })
    if (status !== 0) throw new Error(`tmux ${args[0]}: ${stderr}`)
    return stdout
  }

  /** Names of keys, `C-c` and `Enter` among them, or text. */
  type(...keys: string[]): void {
    this.tmux('send-keys', ...keys)
  }

  resize(columns: number, rows: number): void {
    this.tmux('resize-window', '-x', String(columns), '-y', String(rows))
  }

  /** Lines of the screen, without the empty ones at the end. */
  screen(): string[] {
    return this.tmux('capture-pane', '-p').trimEnd().split('\n')
  }

  /** The same with the codes of its colours, and the empty lines. */
  colouredScreen(): string {
    return this.tmux('capture-pane', '-p', '-e')
  }

  cursor(): { column: number; row: number; isVisible: boolean } {
    const format = '#{cursor_x} #{cursor_y} #{cursor_flag}'
    const [column, row, flag] = this.tmux('display-message', '-p', format).trim().split(' ').map(Number)
    return { column: column!, row: row!, isVisible: flag === 1 }
  }

  /** The screen as soon as it is as it should be; fails after 40 s. */
  async until(holds: (screen: readonly string[]) => boolean, what: string): Promise<string[]> {
    for (let tries = 0; tries < 800; tries++) {
      const screen = this.screen()
      if (holds(screen)) return screen
      await wait(50)
    }
    throw new Error(`no ${what}:\n${this.screen().join('\n')}`)
  }

  end(): void {
    this.tmux('kill-server')
  }
}
