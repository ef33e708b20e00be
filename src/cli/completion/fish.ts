import type { CompletedCommand, CompletedOption, CompletedProgram, ValueKind } from './words.js'

/** Put into ~/.config/fish/completions/millrace.fish, or read with `source`. */
export function fishScript({ options, commands }: CompletedProgram): string {
  const first = 'not __fish_seen_subcommand_from ' + commands.map(({ name }) => name).join(' ')
  const lines = [
    '# millrace in fish, from: millrace completion fish',
    ...commands.map(
      ({ name, description }) =>
        `complete -c millrace -f -n ${quoted(first)} -a ${name} -d ${quoted(description)}`,
    ),
    ...options.map((option) => `complete -c millrace -n ${quoted(first)} ${optionWords(option)}`),
    ...commands.flatMap(commandLines),
  ]
  return `${lines.join('\n')}\n`
}

function commandLines({ name, options, choices }: CompletedCommand): string[] {
  const start = `complete -c millrace -n ${quoted(`__fish_seen_subcommand_from ${name}`)}`
  const words = choices.length > 0 ? [`${start} -f -a ${quoted(choices.join(' '))}`] : []
  return [...words, ...options.map((option) => `${start} ${optionWords(option)}`)]
}

const valueWords: Readonly<Record<ValueKind, readonly string[]>> = {
  none: [],
  file: ['-r', '-F'],
  folder: ['-x', '-a', "'(__fish_complete_directories)'"],
  text: ['-x'],
}

function optionWords({ flags, value, values, description }: CompletedOption): string {
  const words = values.length > 0 ? ['-x', '-a', quoted(values.join(' '))] : valueWords[value]
  const names = flags.map((flag) => (flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`))
  return [...names, ...words, '-d', quoted(description)].join(' ')
}

/** In fish's single quotes a backslash and a quote are escaped. */
function quoted(text: string): string {
  return `'${text.replaceAll(/['\\]/g, '\\$&')}'`
}
