/** `millrace train` */

import type { Command } from 'commander'
import type { MillraceError } from '../errors.js'
import type { StartEvent, TrainEvent } from '../events.js'
import { conflict } from '../options/model.js'
import type { TrainOptions } from '../options.js'
import { planLines, planObject } from '../report/plan-lines.js'
import { ProgressReport } from '../report/progress.js'
import { summaryObject } from '../report/summary.js'
import { colorsOf, widthOf } from '../report/terminal.js'
import { RunControl } from '../run/run-control.js'
import type { WrittenOptions } from '../run/written-options.js'
import { inConfig, readConfig } from './config-file.js'
import { typedOptions } from './option-groups.js'
import { exitCodes, interruptible, onInterrupt, untilInterrupted, type Session } from './session.js'
import { showError } from './show-error.js'
import { addTrainOptions, DEFAULT_MODEL } from './train-options.js'

interface PrintFlags {
  quiet?: boolean
  json?: boolean
}

type TrainFlags = WrittenOptions & PrintFlags & { config?: string; explainPlan?: boolean }

/** Adds the command. */
export function defineTrain(program: Command, session: Session): void {
  const command = program
    .command('train')
    .description('Train a model on CSV files and write it.')
    // Not required here: a file of options may name it.
    .argument('[input...]', 'paths, globs, or - for standard input; several files are read as one')
    .helpOption('-h, --help', 'print this help')
    .action(async (input: string[]) => {
      const flags = typedOptions(command) as TrainFlags
      const { quiet = false, json = false, config: path, explainPlan = false, ...options } = flags
      const typed: WrittenOptions = input.length === 0 ? options : { ...options, input }
      const config = path === undefined ? {} : await readConfig(path)
      const given = { out: DEFAULT_MODEL, ...config, ...typed }
      if (!('input' in given)) command.error("error: missing required argument 'input'")
      try {
        // The library checks what the values are.
        const unchecked = given as unknown as TrainOptions
        session.exitCode = explainPlan
          ? await explain(unchecked, json, session)
          : await runWatched(unchecked, { quiet, json }, session)
      } catch (error) {
        throw path === undefined ? error : inConfig(error, path, config, typed)
      }
    })
  addTrainOptions(command)
}

/** Prints what a run would do. */
async function explain(options: TrainOptions, json: boolean, { terminal }: Session): Promise<number> {
  const { planTraining } = await import('../plan.js')
  const plan = await interruptible((signal) => planTraining({ ...options, signal }))
  if (plan === undefined) return exitCodes.interrupted
  const { out, env } = terminal
  const lines = json ? [JSON.stringify(planObject(plan))] : planLines(plan, widthOf(out), colorsOf(out, env))
  out.write(lines.map((line) => `${line}\n`).join(''))
  return exitCodes.done
}

/** Where a person is at the terminal, a dashboard outlives the run, until Ctrl-C. */
async function runWatched(
  options: TrainOptions,
  flags: Required<PrintFlags>,
  session: Session,
): Promise<number> {
  const { dashboard = false } = options
  const { err } = session.terminal
  if (dashboard === false || err.isTTY !== true) return runTrain(options, flags, session)
  let address: string | undefined
  const port = typeof dashboard === 'object' ? dashboard.port : dashboard === true ? undefined : dashboard
  const staying = { ...options, dashboard: { port, stays: true } }
  const code = await runTrain(staying, flags, session, (start) => (address = start.dashboard)).catch(
    (error: unknown) => showError(error, session.terminal),
  )
  // Whoever has ended the run by Ctrl-C wants no more.
  if (address === undefined || code === exitCodes.interrupted) return code
  err.write(`the dashboard stays at ${address} until Ctrl-C\n`)
  await untilInterrupted()
  return code
}

/** Trains, shows the run, prints the JSON object; returns the exit code. */
async function runTrain(
  options: TrainOptions,
  { quiet, json }: Required<PrintFlags>,
  { terminal }: Session,
  started?: (event: StartEvent) => void,
): Promise<number> {
  if (json && options.events === '-') throw twoOnStandardOutput()
  const { train } = await import('../train.js')
  const report = new ProgressReport(terminal)
  let kept: { step: number } | undefined
  const show = (event: TrainEvent): void => {
    if (event.type === 'checkpoint') kept = event
    if (event.type === 'start') {
      kept = event.resumed
      started?.(event)
      if (quiet && event.dashboard !== undefined) terminal.err.write(`dashboard: ${event.dashboard}\n`)
    }
    if (!quiet || event.type === 'warning' || event.type === 'worker') report.show(event)
    if (json && event.type === 'done') {
      terminal.out.write(`${JSON.stringify(summaryObject(event, options.out))}\n`)
    }
  }
  const control = new RunControl()
  const release = onInterrupt(() => control.stop(), options.checkpoint === undefined ? undefined : Infinity)
  try {
    return await new Promise<number>((resolve, reject) => {
      train({ ...options, control }).subscribe({
        next: show,
        error(error: Error) {
          if (error !== control.signal.reason) {
            reject(error)
            return
          }
          report.close()
          terminal.err.write(`interrupted; ${whatIsLeft(kept)}\n`)
          resolve(exitCodes.interrupted)
        },
        complete: () => resolve(exitCodes.done),
      })
    })
  } finally {
    release()
    report.close()
  }
}

function twoOnStandardOutput(): MillraceError {
  return conflict(
    'events',
    'the events and the object of --json cannot both be on standard output',
    'name a file for the events, or leave out --json: the last record says the same',
  )
}

function whatIsLeft(kept: { step: number } | undefined): string {
  if (kept === undefined) return 'no model was written'
  return `the run goes on from step ${kept.step} when the same command is given with --resume`
}
