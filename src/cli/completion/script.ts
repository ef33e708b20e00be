import type { Command } from 'commander'
import { bashScript } from './bash.js'
import { fishScript } from './fish.js'
import { completedProgram } from './words.js'
import { zshScript } from './zsh.js'

const scripts = { bash: bashScript, zsh: zshScript, fish: fishScript }

/** What a shell reads to complete the commands of a program. */
export function completionScript(shell: keyof typeof scripts, program: Command): string {
  return scripts[shell](completedProgram(program))
}
