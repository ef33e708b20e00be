/**
 * The scripts of `millrace completion`, in the shells themselves where they are installed. What must be offered is taken
 * from `--help`, which commander prints on another way than the scripts are made.
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { lossNames } from '../../src/loss/index.js'
import { temporaryFolder } from '../train/files.js'
import { run } from './harness.js'
import { hasTmux, TmuxShell } from './tmux.js'

const { folder } = temporaryFolder()
const isInstalled = (shell: string): boolean => spawnSync(shell, ['-c', 'true']).status === 0

const commands = ['train', 'predict', 'evaluate', 'inspect', 'export', 'plot', 'dashboard', 'completion']

/** Every `-o` and `--option` that the help of a command lists. */
async function flagsInHelp(command: string): Promise<string[]> {
  const { out } = await run(command, '--help')
  return [...out.matchAll(/^ {2}(?:(-\w), )?(--[a-z0-9-]+)/gm)].flatMap(([, short, long]) => [
    ...(short === undefined ? [] : [short]),
    long!,
  ])
}

beforeAll(async () => {
  for (const shell of ['bash', 'zsh', 'fish']) {
    const { code, out, err } = await run('completion', shell)
    expect([code, err]).toEqual([0, ''])
    writeFileSync(join(folder, `millrace.${shell}`), out)
  }
  mkdirSync(join(folder, 'here', 'models'), { recursive: true })
  writeFileSync(join(folder, 'here', 'flights.csv'), '')
})

/** What bash offers for the last of the words. */
function inBash(...words: string[]): string[] {
  // Outside of a completion `compopt` does nothing but complain.
  const script = `
    compopt() { :; }
    source "$1"; shift
    COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
    _millrace
    printf '%s\\n' "\${COMPREPLY[@]}"`
  const args = ['--norc', '-c', script, 'bash', join(folder, 'millrace.bash'), 'millrace', ...words]
  const { stdout, stderr } = spawnSync('bash', args, { encoding: 'utf8' })
  expect(stderr).toBe('')
  return stdout.split('\n').filter((line) => line !== '')
}

/** What zsh makes of the keys, in a terminal of its own; `end` is what the screen shows at last. */
function inZsh(keys: string, end: string): string {
  const script = `
    zmodload zsh/zpty
    zpty shell zsh -f -i
    zpty -w shell 'autoload -Uz compinit; compinit -u -D; PS1=; source "'$1'"; cd "'$2'"; echo re""ady'
    zpty -r shell out '*ready*'
    zpty -w -n shell "$3"
    zpty -r shell out "*$4*"
    print -r -- "$out"`
  const args = ['-f', '-c', script, 'zsh', join(folder, 'millrace.zsh'), join(folder, 'here'), keys, end]
  return spawnSync('zsh', args, { encoding: 'utf8', timeout: 20_000 }).stdout
}

/** What fish offers for the last word of a line, without its description. */
function inFish(line: string): string[] {
  const script = `source $argv[1]; cd $argv[2]; complete -C $argv[3]`
  const args = ['--no-config', '-c', script, join(folder, 'millrace.fish'), join(folder, 'here'), line]
  const { stdout, stderr } = spawnSync('fish', args, { encoding: 'utf8' })
  expect(stderr).toBe('')
  return stdout
    .split('\n')
    .filter((found) => found !== '')
    .map((found) => found.split('\t')[0]!)
}

describe('millrace completion', () => {
  it.each(['powershell', undefined])('refuses %s', async (shell) => {
    const { code, out } = await run('completion', ...(shell === undefined ? [] : [shell]))
    expect([code, out]).toEqual([2, ''])
  })

  it('says in its help how it is set up', async () => {
    const { out } = await run('completion', '--help')
    for (const shell of ['bash', 'zsh', 'fish']) expect(out).toContain(`millrace completion ${shell}`)
  })
})

describe.runIf(isInstalled('bash'))('in bash', () => {
  it('completes commands', () => {
    expect(inBash('').sort()).toEqual([...commands, 'help', '--help', '-h', '--version', '-V'].sort())
    expect(inBash('e')).toEqual(['evaluate', 'export'])
    expect(inBash('help', 'p')).toEqual(['predict', 'plot'])
    expect(inBash('completion', '')).toEqual(['bash', 'zsh', 'fish'])
  })

  it.each(commands)('completes every option of %s', async (command) => {
    expect(inBash(command, '-').sort()).toEqual((await flagsInHelp(command)).sort())
  })

  it('leaves values and files to the user and to readline', () => {
    expect(inBash('train', 'fl')).toEqual([])
    expect(inBash('train', '--epochs', '')).toEqual([])
    expect(inBash('train', '--out', '=', 'm')).toEqual([])
    expect(inBash('train', '--epochs', '3', '--ch')).toEqual(['--checkpoint', '--checkpoint-every'])
  })

  it('completes values that have names', () => {
    expect(inBash('train', '--loss', '')).toEqual(lossNames)
    expect(inBash('train', '--optimizer', 'ada')).toEqual(['adagrad', 'adam', 'adamw'])
    expect(inBash('train', '--schedule', '=', 'co')).toEqual(['constant', 'cosine'])
    expect(inBash('export', '-f', 'o')).toEqual(['onnx'])
    expect(inBash('predict', '--on-bad-row', 's')).toEqual(['skip'])
  })
})

describe.runIf(isInstalled('bash') && hasTmux)('in bash at a terminal', { timeout: 90_000 }, () => {
  it('completes at the tab key', async () => {
    const shell = new TmuxShell(100, 10)
    try {
      shell.type(`exec bash --norc --noprofile -i`, 'Enter')
      shell.type(`cd ${join(folder, 'here')}; PS1='> '; source ../millrace.bash; clear`, 'Enter')
      await shell.until((screen) => screen.join() === '>', 'prompt')
      shell.type('millrace tr', 'Tab', 'fl', 'Tab', '--checkpoint-e', 'Tab', '9 --checkpoint ', 'Tab')
      const line = '> millrace train flights.csv --checkpoint-every 9 --checkpoint models/'
      expect(await shell.until((screen) => screen.at(-1) === line, line)).toEqual([line])
    } finally {
      shell.end()
    }
  })
})

describe.runIf(isInstalled('zsh'))('in zsh', { timeout: 60_000 }, () => {
  it.each([
    ['millrace tr\t', 'millrace train'],
    ['millrace completion f\t', 'millrace completion fish'],
    ['millrace help pl\t', 'millrace help plot'],
    ['millrace train fl\t', 'millrace train flights.csv'],
    ['millrace train --checkpoint m\t', '--checkpoint models'],
    ['millrace train -o fl\t', '-o flights.csv'],
    ['millrace train --epochs 3 --no-pen\t', '--no-penalize-categories'],
    ['millrace train --checkpoint-\t', '--checkpoint-every'],
    ['millrace train --optimizer nes\t', '--optimizer nesterov'],
  ])('%j becomes %j', (keys, end) => {
    expect(inZsh(keys, end)).toContain(end)
  })

  it('says what an option is for', () => {
    const told = inZsh('millrace plot --\t', 'powers of ten')
    expect(told).toContain('-- an axis of losses by powers of ten')
  })
})

describe.runIf(isInstalled('fish'))('in fish', () => {
  it('completes commands, and files only after them', () => {
    expect(inFish('millrace ').sort()).toEqual([...commands, 'help'].sort())
    expect(inFish('millrace help p').sort()).toEqual(['plot', 'predict'])
    expect(inFish('millrace completion ').sort()).toEqual(['bash', 'fish', 'zsh'])
    expect(inFish('millrace train fl')).toEqual(['flights.csv'])
  })

  it.each(commands)('completes every option of %s', async (command) => {
    const flags = await flagsInHelp(command)
    expect(inFish(`millrace ${command} --`).sort()).toEqual(
      flags.filter((flag) => flag.startsWith('--')).sort(),
    )
  })

  it('knows which values are files and which are folders', () => {
    expect(inFish('millrace train --epochs ')).toEqual([])
    expect(inFish('millrace train --out ').sort()).toEqual(['flights.csv', 'models/'])
    expect(inFish('millrace train --checkpoint ')).toEqual(['models/'])
    expect(inFish('millrace train --loss ').sort()).toEqual([...lossNames].sort())
  })
})
