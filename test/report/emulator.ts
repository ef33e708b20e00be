/** A terminal that carries out what is written to it: xterm, without a window. */
import xterm from '@xterm/headless'
import type { Output, Terminal } from '../../src/report/terminal.js'

/** What `ProgressReport` writes to, and what can be seen of it. */
export class EmulatedTerminal implements Terminal {
  readonly out: Output = { write: () => undefined }
  readonly err: Output
  private readonly screen: xterm.Terminal
  private readonly resized = new Set<() => void>()
  private readonly aside = new Set<() => void>()
  writes = 0

  constructor(
    columns: number,
    rows: number,
    readonly env: Terminal['env'] = { NO_COLOR: '1', LANG: 'C.UTF-8' },
  ) {
    // A terminal device makes a line feed a new line.
    this.screen = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true, convertEol: true })
    const { screen, resized } = this
    this.err = {
      isTTY: true,
      write: (text) => {
        this.writes++
        screen.write(text)
      },
      getWindowSize: () => [screen.cols, screen.rows],
      get columns() {
        return screen.cols
      },
      on: (_event, listener) => resized.add(listener),
      off: (_event, listener) => resized.delete(listener),
    }
  }

  readonly onPutAside = (listener: () => void): (() => void) => {
    this.aside.add(listener)
    return () => this.aside.delete(listener)
  }

  /** As a person does it; `told`: the process learns of it. */
  async resize(columns: number, rows: number, told = true): Promise<void> {
    await this.settled()
    this.screen.resize(columns, rows)
    if (told) for (const listener of this.resized) listener()
    await this.settled()
  }

  /** What others write: the echo of keys. */
  async type(text: string): Promise<void> {
    this.screen.write(text)
    await this.settled()
  }

  /** Ctrl-Z, and what a shell writes until the process goes on. */
  async putAside(text: string): Promise<void> {
    await this.type('^Z')
    for (const listener of this.aside) listener()
    await this.type(text)
  }

  get listeners(): number {
    return this.resized.size + this.aside.size
  }

  /** All that was written has been carried out. */
  async settled(): Promise<void> {
    await new Promise<void>((resolve) => this.screen.write('', resolve))
  }

  /** Lines of the screen, or of all that scrolled by as well, without the empty ones at the end; wrapped ones are several. */
  async lines(from: 'screen' | 'scrollback' = 'screen'): Promise<string[]> {
    await this.settled()
    const { active } = this.screen.buffer
    const lines: string[] = []
    for (let row = from === 'screen' ? active.baseY : 0; row < active.length; row++) {
      lines.push(active.getLine(row)!.translateToString(true))
    }
    while (lines.at(-1) === '') lines.pop()
    return lines
  }

  /** Where the cursor is, from the top left of the screen. */
  async cursor(): Promise<{ column: number; row: number; isVisible: boolean }> {
    await this.settled()
    const { cursorX: column, cursorY: row } = this.screen.buffer.active
    return { column, row, isVisible: this.isCursorVisible() }
  }

  private isCursorVisible(): boolean {
    const { _core: core } = this.screen as unknown as { _core: { coreService: { isCursorHidden: boolean } } }
    return !core.coreService.isCursorHidden
  }
}
