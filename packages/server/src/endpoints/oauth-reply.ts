import type { HttpReply, HttpRequest } from '../http/exchange.ts'
import { isRepeated } from '../http/repeated.ts'
import { replyJson } from '../http/reply.ts'

/** The headers of every answer that may hold a credential. Source: RFC 6749 §5.1. */
const noStore = { 'cache-control': 'no-store', pragma: 'no-cache' } as const
const freshJson = { 'content-type': 'application/json', ...noStore } as const

/** Makes an answer in JSON that no cache may keep. */
export function replyFresh(
  status: number,
  body: object,
  headers: Readonly<Record<string, string>> = {},
): HttpReply {
  return replyJson(status, body, { ...noStore, ...headers })
}

/** Makes a 200 of JSON text that no cache may keep. */
export function replyFreshText(
  body: string,
  headers: Readonly<Record<string, string>> | undefined,
): HttpReply {
  return { status: 200, headers: headers ? { ...freshJson, ...headers } : freshJson, body }
}

/** Makes an error of RFC 6749 §5.2: a code and one vague sentence. A temporary one has `Retry-After`. */
export function replyError(
  refused: { readonly status: number; readonly error: string; readonly description: string },
  headers: Readonly<Record<string, string>> = {},
): HttpReply {
  const { status, error, description } = refused
  const retry = status === 503 ? { 'retry-after': '1' } : {}
  return replyFresh(status, { error, error_description: description }, { ...retry, ...headers })
}

/**
 * Makes an answer without content that no cache may keep.
 * Why it is not empty: libraries that parse each answer as JSON fail on an empty body.
 */
export function replyNothing(status: number): HttpReply {
  return replyFresh(status, {})
}

/**
 * Whether the request says that its body is a form: with exactly one content type, and no charset other than UTF-8.
 * Source: RFC 6749 appendix B.
 */
export function isForm(request: Pick<HttpRequest, 'headers' | 'rawHeaders'>): boolean {
  const type = request.headers['content-type']
  if (type === formType) return !isRepeated(request.rawHeaders, 'content-type')
  if (type === undefined || isRepeated(request.rawHeaders, 'content-type')) return false
  const [name = '', parameter, ...more] = type.toLowerCase().split(';', 3)
  if (name.trim() !== formType || more.length > 0) return false
  return parameter === undefined || charsets.has(parameter.trim())
}

const formType = 'application/x-www-form-urlencoded'
const charsets: ReadonlySet<string> = new Set(['charset=utf-8', 'charset="utf-8"', ''])
