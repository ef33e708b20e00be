import type { PageMessage } from '../report/dashboard/picture.js'

export type Link = 'connecting' | 'open' | 'lost'

/** Messages from the server as they come; the browser looks for a server that it has lost. */
export function connect(take: (message: PageMessage) => void, linked: (link: Link) => void): EventSource {
  const source = new EventSource('events')
  source.addEventListener('open', () => linked('open'))
  source.addEventListener('error', () => linked('lost'))
  source.addEventListener('message', ({ data }: MessageEvent<string>) => {
    take(JSON.parse(data) as PageMessage)
  })
  return source
}

export type Command = 'pause' | 'resume' | 'checkpoint' | 'stop'

/** Asks the run for something; resolves with why it was refused, or with nothing. */
export async function ask(command: Command): Promise<string | undefined> {
  try {
    const response = await fetch(command, { method: 'POST' })
    return response.ok ? undefined : (await response.text()).trim()
  } catch {
    return 'the run cannot be reached'
  }
}
