import { formatBytes, formatSeconds, formatShare, formatShort } from '../report/format.js'
import { byId, element, setText } from './dom.js'
import { count, metric } from './numbers.js'
import type { Run } from './runs.js'
import { speedNow } from './throughput.js'

const names = {
  progressive: 'Progressive loss',
  validation: 'Validation loss',
  rate: 'Rows a second',
  bytes: 'Bytes a second',
  rows: 'Rows',
  step: 'Step',
  epoch: 'Epoch',
  learningRate: 'Learning rate',
  gradient: 'Gradient norm',
  time: 'Time',
} as const

type Figure = keyof typeof names

/** The run in ten numbers. */
export class Figures {
  readonly #values: Record<Figure, HTMLElement>

  constructor() {
    const entries = Object.keys(names).map((name) => [name, element('dd')] as const)
    this.#values = Object.fromEntries(entries) as Record<Figure, HTMLElement>
    byId('figures').replaceChildren(
      ...entries.map(([name, value]) => element('div', {}, element('dt', {}, names[name as Figure]), value)),
    )
  }

  show(run: Run): void {
    const { last, picture } = run
    const { end, start } = picture
    const speed = end?.type === 'done' ? { rows: end.rowsPerSecond, bytes: undefined } : speedNow(run)
    const epochs = start?.options.epochs
    const texts: Record<Figure, string> = {
      progressive: metric(last?.progressiveLoss),
      validation: metric(picture.validations.at(-1)?.metrics['loss']),
      rate: speed === undefined ? '–' : formatShort(speed.rows),
      bytes: formatted(speed?.bytes ?? wholeSpeed(run), formatBytes),
      rows: formatted(last?.rows, formatShort),
      step: count(last?.step),
      epoch: last === undefined ? '–' : `${last.epoch}${epochs == null ? '' : ` / ${epochs}`}`,
      learningRate: metric(last?.learningRate),
      gradient: metric(last?.gradientNorm),
      time: formatted(end?.type === 'done' ? end.seconds : last?.seconds, formatSeconds),
    }
    for (const [name, text] of Object.entries(texts)) setText(this.#values[name as Figure], text)
  }
}

/** Bytes a second over all of the run. */
function wholeSpeed({ rates: { seconds, bytes } }: Run): number | undefined {
  const span = seconds.at(-1) ?? 0
  return span > 0 ? bytes.at(-1)! / span : undefined
}

function formatted(value: number | undefined, format: (value: number) => string): string {
  return value === undefined ? '–' : format(value)
}

/** `epoch 2 of 3 · 47 % · 0:12 left`, and the share for the bar; of what is known. */
export function progressOf(run: Run): { share: number | undefined; text: string } {
  const { picture, last } = run
  const { progress, start, status, end } = picture
  if (end?.type === 'done') {
    return {
      share: 1,
      text: `${count(end.rows.read)} rows read in ${formatSeconds(end.seconds)}${end.out === null ? '' : `; the model is in ${end.out}`}`,
    }
  }
  if (end?.type === 'failed')
    return { share: undefined, text: `${end.message}${end.hint === '' ? '' : `: ${end.hint}`}` }
  if (start === undefined) return { share: undefined, text: '' }
  // With patience they are a limit that is hardly ever reached.
  const epochs = start.options.patience == null ? start.options.epochs : undefined
  const epoch = progress?.epoch ?? last?.epoch ?? 1
  const ofBytes = progress?.ofBytes
  const ofEpoch = ofBytes != null && ofBytes > 0 ? Math.min(1, progress!.bytes / ofBytes) : undefined
  const share = ofEpoch === undefined ? undefined : epochs == null ? ofEpoch : (epoch - 1 + ofEpoch) / epochs
  const speed = speedNow(run)
  const left =
    ofEpoch === undefined || !(speed !== undefined && speed.bytes > 0) || status !== 'running'
      ? undefined
      : ((1 - ofEpoch + (epochs == null ? 0 : epochs - epoch)) * ofBytes!) / speed.bytes
  const parts = [
    epochs === 1 ? '' : `epoch ${epoch}${epochs == null ? '' : ` of ${epochs}`}`,
    share === undefined ? `${count(last?.rows ?? 0)} rows` : formatShare(share),
    left === undefined ? '' : `${formatSeconds(left)} left`,
  ]
  return { share, text: parts.filter((part) => part !== '').join(' · ') }
}
