import type { ServerResponse } from 'node:http'

/** Pages that are open at once. */
const MOST_PAGES = 32
/** Milliseconds after which a page that has lost the server looks for it again. */
const RETRY = 1000

/**
 * Server-sent events to every open page. What a page has not yet taken is at most one message and what the system holds of the one
 * before: while it is slow nothing more is put in, and when it has caught up it is sent everything anew.
 */
export class PageStreams {
  /** By page: whether it has missed something. */
  readonly #pages = new Map<ServerResponse, { isBehind: boolean }>()
  /** Of the newest message. */
  #id = 0

  get count(): number {
    return this.#pages.size
  }

  /**
   * Opens a stream, with everything first. `lastId`: the id of the last message that the page has had from this server; it is sent
   * nothing that it has. Returns false where there are too many.
   */
  open(response: ServerResponse, lastId: string | undefined, everything: () => unknown): boolean {
    if (this.#pages.size >= MOST_PAGES) return false
    response.writeHead(200, { 'Content-Type': 'text/event-stream' })
    response.write(`retry: ${RETRY}\n\n`)
    this.#pages.set(response, { isBehind: false })
    response.on('close', () => this.#pages.delete(response))
    if (lastId !== String(this.#id)) this.#write(response, everything())
    return true
  }

  /** To every page that keeps up. */
  send(message: unknown): void {
    this.#id++
    const text = frame(this.#id, message)
    for (const [response, page] of this.#pages) {
      if (page.isBehind || response.writableNeedDrain) page.isBehind = true
      else response.write(text)
    }
  }

  /** To every page, now or when it has taken what it was sent before. */
  sendEverything(everything: () => unknown): void {
    this.#id++
    for (const page of this.#pages.values()) page.isBehind = true
    this.catchUp(everything)
  }

  /** Everything, to the pages that have missed something and can take it now. */
  catchUp(everything: () => unknown): void {
    let message: unknown
    for (const [response, page] of this.#pages) {
      if (!page.isBehind || response.writableNeedDrain) continue
      page.isBehind = false
      this.#write(response, (message ??= everything()))
    }
  }

  end(): void {
    for (const response of this.#pages.keys()) response.end()
  }

  #write(response: ServerResponse, message: unknown): void {
    response.write(frame(this.#id, message))
  }
}

/** JSON has no line breaks of its own. */
function frame(id: number, message: unknown): string {
  return `id: ${id}\ndata: ${JSON.stringify(message)}\n\n`
}
