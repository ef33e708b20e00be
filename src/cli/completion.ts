/** `millrace completion`: a script by which a shell completes the commands and their options. */

import { Argument, type Command } from 'commander'
import { bashScript } from './completion/bash.js'
import { fishScript } from './completion/fish.js'
import { completedProgram, type CompletedProgram } from './completion/words.js'
import { zshScript } from './completion/zsh.js'
import type { Session } from './session.js'

const scripts = { bash: bashScript, zsh: zshScript, fish: fishScript } satisfies Record<
  string,
  (program: CompletedProgram) => string
>

// `source <(…)` reads nothing in bash 3.2.
const setUp = `
In the file that the shell reads when it starts:
  bash  ~/.bashrc                   eval "$(millrace completion bash)"
  zsh   ~/.zshrc, after compinit    eval "$(millrace completion zsh)"
  fish  ~/.config/fish/config.fish  millrace completion fish | source
`

/** Adds the command; all others are known by the time that it runs. */
export function defineCompletion(program: Command, { terminal }: Session): void {
  program
    .command('completion')
    .description('Print the script by which a shell completes commands and options.')
    .addArgument(new Argument('<shell>', 'the shell').choices(Object.keys(scripts)))
    .helpOption('-h, --help', 'print this help')
    .addHelpText('after', setUp)
    .action((shell: keyof typeof scripts) => {
      terminal.out.write(scripts[shell](completedProgram(program)))
    })
}
