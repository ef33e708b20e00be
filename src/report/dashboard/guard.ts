import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

/** Bytes of the token: as many as nobody can try. */
const TOKEN_BYTES = 24

/**
 * Lets in who has the address of the page, and nobody else: other users of the machine lack the token, pages of other sites come
 * with their own Origin, and a name that was made to lead here (DNS rebinding) stands in Host.
 */
export class Guard {
  readonly token = randomBytes(TOKEN_BYTES).toString('base64url')
  readonly #tokenHash = hash(this.token)
  readonly #hosts: readonly string[]
  readonly #origins: readonly string[]

  constructor(port: number) {
    this.#hosts = [`127.0.0.1:${port}`, `localhost:${port}`]
    this.#origins = this.#hosts.map((host) => `http://${host}`)
  }

  /** Path below the token, from `/` on: `/page.js`; undefined for a request that is refused. */
  pathOf({ headers, method, url }: IncomingMessage): string | undefined {
    const { host, origin } = headers
    if (host === undefined || !this.#hosts.includes(host)) return undefined
    // Browsers send it with every POST; without it nobody can say where the request comes from.
    const needsOrigin = method !== 'GET' && method !== 'HEAD'
    if (origin === undefined ? needsOrigin : !this.#origins.includes(origin)) return undefined
    const match = /^\/([^/?#]*)(\/[^?#]*)?(?:\?.*)?$/.exec(url ?? '')
    if (match === null || !timingSafeEqual(hash(match[1]!), this.#tokenHash)) return undefined
    return match[2] ?? ''
  }
}

/** Two of these are compared in a time that tells nothing of what they are of. */
function hash(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}

/** The page may load what lies beside it, talk to its own server, and no more: no inline script or style, no frame, no form. */
export const securityHeaders = {
  'Content-Security-Policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; '),
  'X-Content-Type-Options': 'nosniff',
  'Cache-Control': 'no-store',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
} as const
