/** `millrace completion`: a script by which a shell completes the commands and their options. */

import { Argument, type Command } from 'commander'
import type { Session } from './session.js'

/** Each with a script of its own in completion/. */
const shells = ['bash', 'zsh', 'fish'] as const

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
    .addArgument(new Argument('<shell>', 'the shell').choices(shells))
    .helpOption('-h, --help', 'print this help')
    .addHelpText('after', setUp)
    .action(async (shell: (typeof shells)[number]) => {
      const { completionScript } = await import('./completion/script.js')
      terminal.out.write(completionScript(shell, program))
    })
}
