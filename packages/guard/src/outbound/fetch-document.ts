import { isJsonObject, ok, parseStrictJson, refuse, type Result } from '@countersign/jwt'
import { failureCode } from './failure-code.ts'

/** The part of `fetch` that a guard uses. A host or a test may pass its own. */
export type FetchPort = (
  url: string,
  init: {
    readonly method?: string
    readonly headers?: Readonly<Record<string, string>>
    readonly body?: string
    readonly redirect: 'manual'
    readonly signal: AbortSignal
  },
) => Promise<FetchAnswer>

/** The part of an answer that a guard reads. */
export interface FetchAnswer {
  readonly status: number
  readonly headers: { get(name: string): string | null }
  readonly body: AsyncIterable<Uint8Array> | null
}

/** Units: milliseconds, bytes. */
export interface FetchLimits {
  readonly timeoutMs: number
  readonly bytesMax: number
  /** The one host that may be reached over plain http, besides this machine. */
  readonly plainHttpHost?: string
}

/** Units: milliseconds and bytes. */
export const defaultFetchLimits: FetchLimits = { timeoutMs: 3000, bytesMax: 100 * 1024 }

/** Why a document could not be fetched. For logs and health only. */
export interface FetchRefusal {
  readonly reason:
    | 'address_refused'
    | 'unreachable'
    | 'timed_out'
    | 'status_not_ok'
    | 'too_large'
    | 'not_json'
  readonly status?: number
  /** The runtime's code of a failed connection, such as `ENOTFOUND`. */
  readonly code?: string
  /** The reason of the JSON parser, unless it is wrong syntax. */
  readonly cause?: string
}

/** Explains in one line why a document could not be fetched: the reason and its known fact. */
export function describeFetchRefusal({ reason, status, code, cause }: FetchRefusal): string {
  return [reason, status ?? code ?? cause].filter((part) => part !== undefined).join(' ')
}

/** A fetched document, and how long it may be kept. */
export interface FetchedDocument {
  readonly document: Readonly<Record<string, unknown>>
  /** From `Cache-Control: max-age`. Units: seconds. */
  readonly maxAgeSeconds: number | undefined
}

/**
 * Fetches one JSON object. The address comes from the owner, or from the metadata of an issuer that the owner named.
 * Refuses: every refusal of `fetchBytes`, any status but 200, and a text that is not one strict JSON object.
 * Not checked: the members of the document.
 */
export async function fetchDocument(
  url: string,
  fetch: FetchPort,
  limits: FetchLimits,
  post?: { readonly body: string; readonly headers: Readonly<Record<string, string>> },
): Promise<Result<FetchedDocument, FetchRefusal>> {
  const fetched = await fetchBytes(url, fetch, limits, {
    ...(post === undefined ? {} : { method: 'POST', body: post.body }),
    headers: { accept: 'application/json', ...post?.headers },
  })
  if (!fetched.ok) return fetched
  const { status, bytes, maxAgeSeconds } = fetched.value
  if (status !== 200) return refuse({ reason: 'status_not_ok', status })
  const parsed = parseStrictJson(bytes, { ...jsonLimits, bytesMax: limits.bytesMax })
  if (!parsed.ok) {
    const { reason: cause } = parsed.refusal
    return refuse({ reason: 'not_json', ...(cause === 'json_syntax' ? {} : { cause }) })
  }
  const { value } = parsed
  return isJsonObject(value)
    ? ok({ document: value, maxAgeSeconds })
    : refuse({ reason: 'not_json' })
}

/** A fetched body. It is empty unless the status is 200. */
export interface FetchedBytes {
  readonly status: number
  readonly bytes: Uint8Array
  readonly etag: string | undefined
  /** From `Cache-Control: max-age`. Units: seconds. */
  readonly maxAgeSeconds: number | undefined
}

/**
 * Fetches one body.
 * Refuses: an address that is not https (http on loopback and at `plainHttpHost` only), and an answer beyond the
 * limits. A redirect is not followed.
 * Why: https binds the answer to the host name by certificate. A name that suddenly resolves to an inner address has no
 * such certificate.
 */
export async function fetchBytes(
  url: string,
  fetch: FetchPort,
  limits: FetchLimits,
  init: Pick<Parameters<FetchPort>[1], 'method' | 'body' | 'headers'>,
): Promise<Result<FetchedBytes, FetchRefusal>> {
  if (!isAllowedAddress(url, limits.plainHttpHost)) return refuse({ reason: 'address_refused' })
  const signal = AbortSignal.timeout(limits.timeoutMs)
  try {
    const answer = await fetch(url, { redirect: 'manual', signal, ...init })
    const { status, headers } = answer
    if (status !== 200) await discard(answer)
    const bytes = status === 200 ? await readLimited(answer, limits.bytesMax) : new Uint8Array()
    if (bytes === undefined) return refuse({ reason: 'too_large' })
    const maxAgeSeconds = readMaxAge(headers.get('cache-control'))
    return ok({ status, bytes, etag: headers.get('etag') ?? undefined, maxAgeSeconds })
  } catch (fault) {
    if (signal.aborted) return refuse({ reason: 'timed_out' })
    const code = failureCode(fault)
    return refuse({ reason: 'unreachable', ...(code === undefined ? {} : { code }) })
  }
}

/**
 * Whether an address may be fetched: https, or http on this machine; without credentials and fragment.
 * Not checked: the network of `plainHttpHost`. Its fetch accepts private addresses only.
 */
export function isAllowedAddress(text: string, plainHttpHost?: string): boolean {
  if (!URL.canParse(text)) return false
  const url = new URL(text)
  if (url.username !== '' || url.password !== '' || url.hash !== '') return false
  if (url.protocol !== 'http:') return url.protocol === 'https:'
  return isLoopback(url.hostname) || url.hostname === plainHttpHost
}

/** Explains in a few words why an address may not be fetched: `is plain http, and id.example is not this machine`. */
export function explainAddress(text: string): string {
  return isPlainHttp(text)
    ? `is plain http, and ${new URL(text).hostname} is not this machine`
    : 'is no https address'
}

/** Whether an address has no TLS and is not on this machine. */
export function isPlainHttp(address: string): boolean {
  if (!URL.canParse(address)) return false
  const { protocol, hostname } = new URL(address)
  return protocol === 'http:' && !isLoopback(hostname)
}

/** Whether a host name of a parsed URL names this machine. */
export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || isLoopbackAddress(hostname)
}

function isLoopbackAddress(hostname: string): boolean {
  const parts = hostname.split('.')
  return parts.length === 4 && parts[0] === '127' && parts.every((part) => Number(part) <= 255)
}

async function discard(answer: FetchAnswer): Promise<void> {
  if (answer.body === null) return
  for await (const _ of answer.body) return
}

/** Reads a body up to a limit of decoded bytes, so that it also stops a compressed bomb. */
async function readLimited(answer: FetchAnswer, bytesMax: number): Promise<Uint8Array | undefined> {
  if (answer.body === null) return new Uint8Array()
  const parts: Uint8Array[] = []
  let size = 0
  for await (const part of answer.body) {
    size += part.length
    if (size > bytesMax) return undefined
    parts.push(part)
  }
  return joinBytes(parts, size)
}

function joinBytes(parts: readonly Uint8Array[], size: number): Uint8Array {
  const whole = new Uint8Array(size)
  let offset = 0
  for (const part of parts) {
    whole.set(part, offset)
    offset += part.length
  }
  return whole
}

/** Units: levels, and members of a set of a hundred complete keys. */
const jsonLimits = { depthMax: 16, membersMax: 5_000 }

function readMaxAge(header: string | null): number | undefined {
  for (const part of (header ?? '').toLowerCase().split(',')) {
    const [name, value] = part.trim().split('=')
    if (name !== 'max-age' || value === undefined) continue
    const seconds = Number(value)
    return Number.isSafeInteger(seconds) && seconds >= 0 ? seconds : undefined
  }
  return undefined
}
