/** The head of the page: which run, its state, how far it is, and the buttons. */
import type { RunStatus } from '../report/dashboard/picture.js'
import { ask, type Command, type Link } from './connection.js'
import { button, byId, setText } from './dom.js'
import { progressOf } from './figures.js'
import type { Run, Runs } from './runs.js'

const states: Record<RunStatus, string> = {
  waiting: 'Waiting',
  running: 'Running',
  paused: 'Paused',
  done: 'Done',
  failed: 'Failed',
  interrupted: 'Stopped',
}

export class Head {
  readonly #pause = button('Pause', () => void this.#ask(this.#isPaused ? 'resume' : 'pause'))
  readonly #checkpoint = button('Checkpoint now', () => void this.#ask('checkpoint'))
  readonly #stop = button('Stop', () => this.#askToStop(), 'danger')
  #isPaused = false
  #said = ''

  constructor() {
    byId('buttons').append(this.#pause, this.#checkpoint, this.#stop)
    const dialog = byId<HTMLDialogElement>('stop-dialog')
    byId('stop-no').addEventListener('click', () => dialog.close())
    byId('stop-yes').addEventListener('click', () => {
      dialog.close()
      void this.#ask('stop')
    })
  }

  show(run: Run, { buttons }: Runs, link: Link): void {
    const { status, start, checkpoint } = run.picture
    const input = start?.options.input[0]
    const target = start?.schema.target.name
    const title = target === undefined ? run.name : `${target} from ${fileName(input ?? 'rows')}`
    setText(byId('run-title'), title)
    byId('run-title').title = input ?? ''
    document.title = `${states[status]}: ${title}`
    const pill = byId('status')
    setText(pill, states[status])
    pill.dataset['status'] = status
    const isOver = status === 'done' || status === 'failed' || status === 'interrupted'
    this.#isPaused = status === 'paused'
    byId('buttons').hidden = buttons === undefined
    setText(this.#pause, this.#isPaused ? 'Resume' : 'Pause')
    const isOpen = link === 'open' && !isOver
    this.#pause.disabled = !isOpen || status === 'waiting'
    this.#stop.disabled = !isOpen
    const hasFolder = buttons?.checkpoint === true
    this.#checkpoint.disabled = !isOpen || !hasFolder
    this.#checkpoint.title = hasFolder ? '' : 'The run was given no --checkpoint folder'
    setText(
      byId('stop-text'),
      hasFolder
        ? 'A checkpoint is written first: the same command with --resume goes on from there.'
        : 'It was given no --checkpoint folder: what it has learned so far is lost.',
    )
    this.#showProgress(run)
    this.#showLink(link, isOver)
    const kept = checkpoint === undefined ? '' : ` The last checkpoint is of step ${checkpoint.step}.`
    this.#say(`The run is ${states[status].toLowerCase()}.${kept}`)
  }

  #showProgress(run: Run): void {
    const { share, text } = progressOf(run)
    const bar = byId('progress')
    byId('progress-bar').style.transform = `scaleX(${(share ?? 0).toFixed(4)})`
    if (share === undefined) bar.removeAttribute('aria-valuenow')
    else bar.setAttribute('aria-valuenow', String(Math.round(share * 100)))
    bar.setAttribute('aria-valuetext', text)
    setText(byId('progress-text'), text)
  }

  #showLink(link: Link, isOver: boolean): void {
    const isLost = link === 'lost'
    const text = isOver
      ? 'The run has ended and is no longer served: this is its last picture.'
      : 'The connection to the run is lost: it has ended, or cannot be reached. Looking for it …'
    byId('notice').hidden = !isLost
    setText(byId('notice'), isLost ? text : '')
  }

  async #ask(command: Command): Promise<void> {
    const refusal = await ask(command)
    if (refusal !== undefined) this.#say(`Refused: ${refusal}.`)
  }

  #askToStop(): void {
    byId<HTMLDialogElement>('stop-dialog').showModal()
  }

  /** To those who hear the page: only what is new. */
  #say(text: string): void {
    if (text === this.#said) return
    this.#said = text
    setText(byId('live'), text)
  }
}

function fileName(path: string): string {
  return path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1)
}
