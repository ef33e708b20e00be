/** What a shell can complete, read off the commander program and the registries: no list of its own that could fall behind. */

import type { Argument, Command, Option } from 'commander'
import { activationNames } from '../../activation/index.js'
import { exportFormatNames } from '../../export/index.js'
import { lossNames } from '../../loss/index.js'
import { initialisations } from '../../model/initial.js'
import { optimizers } from '../../optimizer/index.js'
import { backends, badRowPolicies, encodings, placements, predictionFormats } from '../../options.js'
import { schedules } from '../../schedule/index.js'

/** `text` is what nobody but the user knows. */
export type ValueKind = 'none' | 'file' | 'folder' | 'text'

export interface CompletedOption {
  /** As they are typed: `-o`, `--out`. */
  readonly flags: readonly string[]
  readonly value: ValueKind
  /** Words that the value must be one of; none where it is anything else. */
  readonly values: readonly string[]
  readonly description: string
}

/** Of options whose values have names, by their flags. */
const namedValues: Readonly<Record<string, readonly string[]>> = {
  '--loss': lossNames,
  '--activation': activationNames,
  '--init': initialisations,
  '--optimizer': Object.keys(optimizers),
  '--schedule': Object.keys(schedules),
  '--placement': placements,
  '--backend': backends,
  '--on-bad-row': badRowPolicies,
  '--encoding': encodings,
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
    options: help.visibleOptions(command).map((option) => completedOption(option, command.name())),
    choices: program.commands.includes(command)
      ? command.registeredArguments.flatMap(({ argChoices }: Argument) => argChoices ?? [])
      : program.commands.map((other) => other.name()),
  }))
  return { options: help.visibleOptions(program).map((option) => completedOption(option)), commands }
}

function completedOption({ short, long, flags, description }: Option, command?: string): CompletedOption {
  const formats = command === 'export' ? exportFormatNames : predictionFormats
  return {
    flags: [short, long].filter((flag) => flag !== undefined),
    value: valueKind(flags),
    values: long === '--format' ? formats : (namedValues[long ?? ''] ?? []),
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
