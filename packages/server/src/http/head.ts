import type { EdgeLimits } from './limits.ts'

/** The description of the body in a head. */
export interface Framing {
  /** Whether a body follows; one that came with a request that takes none ends the connection. */
  readonly hasBody: boolean
  /** Units: bytes; 0 when not stated. */
  readonly contentLength: number
}

/** The facts of a request's head, read in one pass. */
export interface RequestHead extends Framing {
  readonly path: string
  readonly query: string
  readonly url: string
}

/** The status of the answer to a refused head. */
export type HeadRefusal = 400 | 414 | 415 | 421 | 431

export interface HeadPolicy {
  readonly limits: Pick<EdgeLimits, 'urlLengthMax' | 'headersMax'>
  /** The hosts answered for, lower case with port; `undefined` for any. */
  readonly hosts: ReadonlySet<string> | undefined
}

/**
 * Reads target and framing of a request once.
 * Refuses: 400 for a target that is no path, or not exactly one Host; 414, 431 over the limits; 415 for an encoded body,
 * in its content or in its transfer; 421 for another host.
 * Why: Node keeps the first of two Host headers silently; a foreign Host on loopback is a page trying DNS rebinding.
 * Source: RFC 9112 §3.2; RFC 9110 §7.4 (421) and §15.5.16 (415).
 */
export function readHead(
  target: string,
  rawHeaders: readonly string[],
  { limits, hosts }: HeadPolicy,
): RequestHead | HeadRefusal {
  if (target.length > limits.urlLengthMax) return 414
  if (rawHeaders.length > limits.headersMax * 2) return 431
  let host: string | undefined
  let hasBody = false
  let contentLength = 0
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? ''
    switch (name.length) {
      case 4:
        if (name.toLowerCase() !== 'host') break
        if (host !== undefined) return 400
        host = rawHeaders[at + 1] ?? ''
        break
      case 14:
        if (name.toLowerCase() !== 'content-length') break
        contentLength = Number(rawHeaders[at + 1])
        hasBody = contentLength > 0
        break
      case 16:
        if (name.toLowerCase() !== 'content-encoding') break
        if (rawHeaders[at + 1]?.toLowerCase() !== 'identity') return 415
        break
      case 17:
        if (name.toLowerCase() !== 'transfer-encoding') break
        // Node reads the chunks and would hand on what is encoded inside them.
        if (rawHeaders[at + 1]?.toLowerCase() !== 'chunked') return 415
        hasBody = true
        break
      default:
    }
  }
  const origin = readTarget(target)
  if (origin === undefined) return 400
  if (hosts !== undefined && !hosts.has((origin.authority ?? host ?? '').toLowerCase())) return 421
  const { url } = origin
  const mark = url.indexOf('?')
  if (mark === -1) return { path: url, query: '', url, hasBody, contentLength }
  return { path: url.slice(0, mark), query: url.slice(mark + 1), url, hasBody, contentLength }
}

/** Headers of a server that has joined repeated ones with ', '. */
export interface JoinedHeaders {
  /** How many names there are. */
  readonly count: number
  readonly get: (name: string) => string | null
}

/**
 * Makes the same for a server that has read the target itself; a comma in `Host` is a second one, and in a length, too.
 * Refuses: 400, 415, 421 and 431 as above.
 * Not checked: the target and its length.
 * Why: the last Host that was good is compared first, because nearly every request names the same.
 */
export function createJoinedHeadReader({
  limits,
  hosts,
}: HeadPolicy): (headers: JoinedHeaders) => Framing | HeadRefusal {
  let known: string | undefined
  return (headers) => {
    if (headers.count > limits.headersMax) return 431
    const host = headers.get('host') ?? ''
    if (host !== known) {
      if (host.includes(',')) return 400
      if (hosts !== undefined && !hosts.has(host.toLowerCase())) return 421
      known = host
    }
    const coding = headers.get('content-encoding')
    if (coding !== null && coding.toLowerCase() !== 'identity') return 415
    const length = headers.get('content-length')
    const transfer = headers.get('transfer-encoding')
    const isChunked = transfer !== null
    if (isChunked && transfer.toLowerCase() !== 'chunked') return 415
    if (length === null) return isChunked ? unknownBody : nothingFollows
    const contentLength = Number(length)
    if (Number.isNaN(contentLength)) return 400
    return { hasBody: isChunked || contentLength > 0, contentLength }
  }
}

const nothingFollows: Framing = { hasBody: false, contentLength: 0 }
const unknownBody: Framing = { hasBody: true, contentLength: 0 }

interface Target {
  readonly url: string
  /** Named in the absolute form, where it counts instead of the Host header (RFC 9112 §3.2.2). */
  readonly authority?: string
}

function readTarget(target: string): Target | undefined {
  if (target.startsWith('/')) return { url: target }
  const lower = target.slice(0, 8).toLowerCase()
  const scheme = lower.startsWith('http://') ? 7 : lower === 'https://' ? 8 : 0
  if (scheme === 0) return undefined
  const slash = target.indexOf('/', scheme)
  const mark = target.indexOf('?', scheme)
  // A slash behind the mark belongs to the query, whatever reads it as a path.
  if (mark !== -1 && (slash === -1 || mark < slash)) return undefined
  if (slash === -1) return { url: '/', authority: target.slice(scheme) }
  return { url: target.slice(slash), authority: target.slice(scheme, slash) }
}
