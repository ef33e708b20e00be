/** The options of a run in a file beside its model: `millrace train --config` with it trains the same model again, byte for byte. */

import { rm } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { causeOf, writeAll } from '../artifact/model-file.js'
import { replaceFile } from '../artifact/replace-file.js'
import { decidesWeights } from '../checkpoint/identity.js'
import { shownPath } from '../errors.js'
import type { WarningEvent } from '../events.js'
import { isAnsweredByModel } from './initial-model.js'
import { writtenOptionNames } from '../options/check.js'
import type { BadRowLimit, ResolvedOptions } from '../options.js'
import type { Run } from './run.js'
import { interactionName } from '../schema/interactions.js'
import { version } from '../version.js'
import { pathsAsIn, type WrittenOptions } from './written-options.js'

/** `model.safetensors` → `model.safetensors.run.json` */
function optionsPath(out: string): string {
  return `${out}.run.json`
}

/** Takes away the options of a model that is about to be replaced. Where they cannot be, neither can they be written, which is told. */
export async function dropOptions(out: string): Promise<void> {
  await rm(optionsPath(out), { force: true }).catch(() => undefined)
}

/** Writes the options beside the model, whole or not at all; the run has its model in any case, so what fails is a warning. */
export async function keepOptions(run: Pick<Run, 'options' | 'asked'>): Promise<WarningEvent[]> {
  const { out } = run.options
  const options = optionsToRepeat(run)
  if (out === undefined || options === undefined) return []
  const path = optionsPath(out)
  const model = basename(out)
  const $comment = `millrace ${version}; train --config with this file makes ${model} again`
  const written = { $comment, ...pathsAsIn(dirname(out), options), out: model }
  const bytes = Buffer.from(`${JSON.stringify(written, null, 2)}\n`)
  try {
    await replaceFile(path, (handle) => writeAll(handle, bytes))
    return []
  } catch (error) {
    const message = `cannot write the options of the run to ${shownPath(path)}: ${causeOf(error)}; the model is written`
    return [{ type: 'warning', message }]
  }
}

/**
 * All that decides the bytes of the model, what was left to the data filled in, and where its input and itself are; undefined
 * where a program gave what a file cannot name.
 */
export function optionsToRepeat({
  options,
  asked,
}: Pick<Run, 'options' | 'asked'>): WrittenOptions | undefined {
  const { input, initModel, given } = asked
  if (!isNamed(input) || (initModel !== undefined && typeof initModel !== 'string')) return undefined
  const { onBadRow, quarantine, maxBadRows, out, validation, validationFiles } = options
  const all: Readonly<Record<string, unknown>> = {
    ...options,
    input: input.length === 1 ? input[0] : input,
    initModel,
    interactions: options.interactions.map(interactionName),
    classWeight: Array.isArray(options.classWeight)
      ? Object.fromEntries(options.classWeight)
      : options.classWeight,
    validation: validationFiles.length > 0 ? validationFiles : validation,
    // One without the other would be refused.
    maxBadRows: onBadRow === 'fail' ? undefined : writtenLimit(maxBadRows),
    quarantine: onBadRow === 'quarantine' ? quarantine : undefined,
    out,
  }
  const named = ['input', 'initModel', 'validation', 'quarantine', 'out']
  const isLeftOut = (name: string): boolean =>
    !(named.includes(name) || decidesWeights(name)) ||
    isEmpty(all[name]) ||
    (initModel !== undefined && given?.has(name) !== true && isLeftToModel(name, options))
  return Object.fromEntries(
    writtenOptionNames.filter((name) => !isLeftOut(name)).map((name) => [name, all[name]]),
  )
}

function isNamed(input: ResolvedOptions['input']): input is readonly string[] {
  return Array.isArray(input) && typeof input[0] === 'string'
}

/** What the model says itself, and what its vocabularies do not heed where they are frozen. */
function isLeftToModel(option: string, { freezePreprocessing }: ResolvedOptions): boolean {
  return isAnsweredByModel(option) || (freezePreprocessing && ['maxCategories', 'minCount'].includes(option))
}

/** Nothing is said by leaving it out; an empty text says something: no quoting. */
function isEmpty(value: unknown): boolean {
  return (
    value === undefined || (typeof value === 'object' && value !== null && Object.keys(value).length === 0)
  )
}

function writtenLimit({ rows, share }: BadRowLimit): number | string | undefined {
  if (rows < Infinity) return rows
  if (share === 1) return undefined
  return share === 0 ? '0%' : share
}
