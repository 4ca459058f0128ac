import type { HttpRequest } from '../http/exchange.ts'

/**
 * Whether the browser says that a page of this origin sends the request.
 * Why a request without any of the two headers is refused: each browser sends one of them with a form.
 * Source: Fetch Metadata Request Headers; RFC 6454 §7.
 */
export function isFromOwnPage(
  { headers }: Pick<HttpRequest, 'headers'>,
  ownOrigin: string,
): boolean {
  const site = headers['sec-fetch-site']
  if (site !== undefined) return site === 'same-origin' || site === 'none'
  return headers.origin === ownOrigin
}
