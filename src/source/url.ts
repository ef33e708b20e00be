/** Whether the name of an input is an address. */
export function isUrl(name: string): boolean {
  return /^https?:\/\//i.test(name)
}

/** An address as messages show it: without what may be secret, a user, a password, a query. */
export function shownUrl(url: URL): string {
  return `${url.origin}${url.pathname}${url.search === '' ? '' : '?…'}`
}
