import { timeLine } from '../report/dashboard/picture.js'
import { formatSeconds, formatShare } from '../report/format.js'
import { byId, element, setText } from './dom.js'
import type { Run } from './runs.js'
import { Strip } from './strip.js'
import { color } from './theme.js'

const GAP = 3
/** Pixels of a lane: as many as there is room for. */
const LANE = { least: 6, most: 24 } as const
/** Workers whose shares are told one by one. */
const MOST_NAMED = 16

/** One lane a worker: the darker, the busier; failures are marked where they were. */
export class WorkerLanes {
  readonly #place = byId('workers-lanes')
  readonly #strip = new Strip(this.#place)
  #newsKey = ''

  show({ picture, last }: Run): void {
    const windows = timeLine(picture)
    const { workers: news, bottleneck, start } = picture
    const lanes = Math.max(start?.workers ?? 0, ...windows.map(({ workers }) => workers.length))
    const lane = Math.max(LANE.least, Math.min(LANE.most, Math.floor(160 / Math.max(1, lanes))))
    this.#place.style.height = `${Math.max(1, lanes) * (lane + GAP)}px`
    const total = windows.reduce((sum, { seconds }) => sum + seconds, 0)
    const seconds = Math.max(total, last?.seconds ?? 0)
    this.#strip.draw((context, width) => {
      context.fillStyle = color('lane')
      for (let i = 0; i < lanes; i++) context.fillRect(0, i * (lane + GAP), width, lane)
      context.fillStyle = color('busy')
      let x = 0
      for (const window of windows) {
        const wide = (window.seconds / total) * width
        window.workers.forEach((busy, i) => {
          context.globalAlpha = Math.min(1, Math.max(0, busy))
          context.fillRect(Math.floor(x), i * (lane + GAP), Math.ceil(x + wide) - Math.floor(x), lane)
        })
        x += wide
      }
      context.globalAlpha = 1
      for (const { worker, state, at } of news) {
        if (worker < 1 || !(seconds > 0)) continue
        const middle = (worker - 1) * (lane + GAP) + lane / 2
        mark(context, (at.seconds / seconds) * width, middle, Math.min(6, lane / 2), state === 'failed')
      }
    })
    this.#showText(lanes, bottleneck?.workers ?? [])
    this.#showNews(news)
  }

  #showText(lanes: number, busy: readonly number[]): void {
    setText(
      byId('workers-note'),
      lanes === 0 ? '' : `${lanes} ${lanes === 1 ? 'thread' : 'threads'}, share of time at work`,
    )
    const shown = busy.slice(0, MOST_NAMED).map((share, i) => `${i + 1}: ${formatShare(share)}`)
    const list = byId('workers')
    if (list.childElementCount !== shown.length) list.replaceChildren(...shown.map(() => element('li')))
    shown.forEach((text, i) => setText(list.children[i] as HTMLElement, text))
  }

  #showNews(news: Run['picture']['workers']): void {
    const key = `${news.length} ${news.at(-1)?.at.step}`
    if (key === this.#newsKey) return
    this.#newsKey = key
    byId('worker-news').replaceChildren(
      ...news
        .slice(-5)
        .reverse()
        .map(({ worker, state, message, at }) =>
          element(
            'li',
            {},
            `Worker ${worker} ${state} after ${formatSeconds(at.seconds)}${message === undefined ? '' : `: ${message}`}`,
          ),
        ),
    )
  }
}

/** A cross for a failure, a dot for the thread that took its place. */
function mark(
  context: CanvasRenderingContext2D,
  x: number,
  y: number,
  size: number,
  isFailure: boolean,
): void {
  context.beginPath()
  if (isFailure) {
    context.moveTo(x - size, y - size)
    context.lineTo(x + size, y + size)
    context.moveTo(x + size, y - size)
    context.lineTo(x - size, y + size)
    context.lineWidth = 2.5
    context.strokeStyle = color('danger')
    context.stroke()
  } else {
    context.arc(x, y, size * 0.7, 0, 2 * Math.PI)
    context.fillStyle = color('text')
    context.fill()
  }
}
