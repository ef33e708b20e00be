import type { CompletedCommand, CompletedOption, CompletedProgram, ValueKind } from './words.js'

/** Put into a folder of `fpath` as `_millrace`, or read with `source`. */
export function zshScript({ options, commands }: CompletedProgram): string {
  return `#compdef millrace
# millrace in zsh, from: millrace completion zsh
_millrace() {
  local -a commands=(
${commands.map(({ name, description }) => `    ${quoted(`${name}:${description}`)}`).join('\n')}
  )
  if ((CURRENT == 2)); then
    if [[ $PREFIX == -* ]]; then _arguments ${options.map(optionSpec).join(' ')}
    else _describe command commands
    fi
    return
  fi
  local command=$words[2]
  shift words
  ((CURRENT--))
  case $command in
${commands.map(commandCase).join('\n')}
  esac
}
if [[ $funcstack[1] == _millrace ]]; then _millrace "$@"; else compdef _millrace millrace; fi
`
}

function commandCase({ name, options, choices }: CompletedCommand): string {
  const argument = choices.length > 0 ? `1:word:(${choices.join(' ')})` : '*:file:_files'
  const specs = [...options.map(optionSpec), quoted(argument)]
  return [`    ${name})`, `      _arguments -S ${specs.join(' \\\n        ')}`, '      ;;'].join('\n')
}

const actions: Readonly<Record<ValueKind, string>> = {
  none: '',
  file: ':file:_files',
  folder: ':folder:_files -/',
  text: ':value: ',
}

/** `'(-o --out)'{-o,--out}'[where the model is written]:file:_files'` */
function optionSpec({ flags, value, values, description }: CompletedOption): string {
  const action = values.length > 0 ? `:value:(${values.join(' ')})` : actions[value]
  const told = quoted(`[${description.replaceAll(/[[\]\\:]/g, '\\$&')}]${action}`)
  const [only] = flags
  return flags.length === 1 ? `${only}${told}` : `'(${flags.join(' ')})'{${flags.join(',')}}${told}`
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}
