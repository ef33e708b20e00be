/** Events as single lines. */

import { describePlace, printable } from '../errors.js'
import type { BadRowEvent, CheckpointEvent, EpochEvent, PauseEvent } from '../events.js'
import { formatBytes, formatCount, formatMetric, formatQuantity, formatShare, formatShort } from './format.js'
import { joined, remaining } from './live-lines.js'
import type { RunView } from './run-view.js'
import { describeMetrics, describeRows } from './summary.js'

/** Where nothing can be drawn over: how far the run is. What has no room is left out, that of least use first. */
export function progressLine(view: RunView, width: number): string {
  const { loss, speed, epochs, step, skipped, ofBytes, share } = view
  if (step === undefined || loss === undefined) return ''
  return joined(
    [
      epochs === 1 ? '' : epochName(step.epoch, epochs),
      ofBytes === undefined ? '' : formatShare(share).padStart(5),
      `loss ${formatMetric(loss)}`,
      remaining(view),
      speed.rowsPerSecond > 0 ? `${formatShort(speed.rowsPerSecond)} rows/s` : '',
      speed.bytesPerSecond > 0 ? `${formatBytes(speed.bytesPerSecond)}/s` : '',
      `${formatShort(step.rows)} rows`,
      skipped > 0 ? `${formatCount(skipped)} bad` : '',
      ofBytes === undefined ? formatBytes(step.bytes) : '',
      `rate ${formatQuantity(step.learningRate)}`,
    ],
    width,
  ).trimStart()
}

/** What has no room is left out; the summary has it all. */
export function epochLine(event: EpochEvent, epochs: number | undefined, width: number): string {
  const { epoch, rows, loss, validation, bestEpoch } = event
  const heldOut = validation === undefined ? [] : `held out: ${describeMetrics(validation)}`.split('  ')
  const best = bestEpoch === undefined ? '' : bestEpoch === epoch ? '(best)' : `(best: epoch ${bestEpoch})`
  const parts = [epochName(epoch, epochs), `loss ${formatMetric(loss)}`, ...heldOut, best]
  return joined([...parts, `(${describeRows(rows)})`], width)
}

function epochName(epoch: number, epochs: number | undefined): string {
  return epochs === undefined ? `epoch ${epoch}` : `epoch ${epoch}/${epochs}`
}

export function checkpointLine({ step, path }: CheckpointEvent): string {
  return `checkpoint of step ${formatCount(step)}: ${printable(path)}`
}

export function badRowLine({ message, file, line, byte, column }: BadRowEvent): string {
  const place = describePlace({
    file,
    ...(line === undefined ? { byte } : { line }),
    ...(column === undefined ? {} : { column }),
  })
  return printable(`${place}: ${message}`)
}

export function pauseLine({ paused, step }: PauseEvent): string {
  return `${paused ? 'paused' : 'resumed'} after step ${formatCount(step)}`
}
