import type { CompletedCommand, CompletedProgram, ValueKind } from './words.js'

/**
 * Runs in bash 3.2 too, which is what macOS has: there `compopt` is missing, and files are offered where nothing is.
 * File names are left to readline (`-o default`), which knows how to quote them.
 */
export function bashScript({ options, commands }: CompletedProgram): string {
  const first = [...commands.map(({ name }) => name), ...options.flatMap(({ flags }) => flags)]
  return `# millrace in bash, from: millrace completion bash
_millrace() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD - 1]} words=
  # "=" is a word of its own: --out=model
  if [[ $current == '=' ]]; then current=
  elif [[ $previous == '=' ]]; then previous=\${COMP_WORDS[COMP_CWORD - 2]}
  fi
  COMPREPLY=()
  if ((COMP_CWORD == 1)); then
    words='${first.join(' ')}'
  else
    case \${COMP_WORDS[1]} in
${commands.map(commandCase).join('\n')}
    esac
  fi
  [[ $words == '' ]] && return
  compopt +o default 2>/dev/null
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _millrace millrace
`
}

function commandCase({ name, options, choices }: CompletedCommand): string {
  const flagsOf = (kind: ValueKind): string[] =>
    options.filter(({ value, values }) => value === kind && values.length === 0).flatMap(({ flags }) => flags)
  const named = options.filter(({ values }) => values.length > 0)
  const cases = [
    // In place of the flags: `return` would leave the words unused.
    ...named.map(({ flags, values }) => caseOf(flags, `words='${values.join(' ')}'`)),
    caseOf(flagsOf('file'), 'return'),
    caseOf(flagsOf('folder'), 'compopt -o dirnames +o default 2>/dev/null; return'),
    caseOf(flagsOf('text'), 'compopt +o default 2>/dev/null; return'),
  ]
  const flags = options.flatMap((option) => option.flags)
  return [
    `      ${name})`,
    '        case $previous in',
    ...cases.filter((line) => line !== ''),
    '        *)',
    ...(choices.length > 0 ? [`          words='${choices.join(' ')}'`] : []),
    `          [[ $current == -* ]] && words='${flags.join(' ')}' ;;`,
    '        esac',
    '        ;;',
  ].join('\n')
}

function caseOf(flags: readonly string[], then: string): string {
  return flags.length === 0 ? '' : `          ${flags.join(' | ')}) ${then} ;;`
}
