/** What a shell can complete, read off the commander program: no list of its own that could fall behind. */

import type { Argument, Command, Option } from 'commander'

/** `text` is what nobody but the user knows. */
export type ValueKind = 'none' | 'file' | 'folder' | 'text'

export interface CompletedOption {
  /** As they are typed: `-o`, `--out`. */
  readonly flags: readonly string[]
  readonly value: ValueKind
  readonly description: string
}

export interface CompletedCommand {
  readonly name: string
  readonly description: string
  readonly options: readonly CompletedOption[]
  /** Words that an argument must be one of; none where arguments are files. */
  readonly choices: readonly string[]
}

export interface CompletedProgram {
  /** In place of a command. */
  readonly options: readonly CompletedOption[]
  readonly commands: readonly CompletedCommand[]
}

/** What can be typed after `millrace`; `help` is among the commands, its argument is one of them. */
export function completedProgram(program: Command): CompletedProgram {
  const help = program.createHelp()
  const commands = help.visibleCommands(program).map((command) => ({
    name: command.name(),
    description: command.description(),
    options: help.visibleOptions(command).map(completedOption),
    choices: program.commands.includes(command)
      ? command.registeredArguments.flatMap(({ argChoices }: Argument) => argChoices ?? [])
      : program.commands.map((other) => other.name()),
  }))
  return { options: help.visibleOptions(program).map(completedOption), commands }
}

function completedOption({ short, long, flags, description }: Option): CompletedOption {
  return {
    flags: [short, long].filter((flag) => flag !== undefined),
    value: valueKind(flags),
    description,
  }
}

/** By what stands in the flags for the value: `--events <file|->`, `--validation <share|file>`, `--cache <folder>`. */
function valueKind(flags: string): ValueKind {
  const value = /<(.+)>/.exec(flags)?.[1]
  if (value === undefined) return 'none'
  const kinds = value.split('|')
  return kinds.includes('file') ? 'file' : kinds.includes('folder') ? 'folder' : 'text'
}
