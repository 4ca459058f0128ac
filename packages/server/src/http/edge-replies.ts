import type { BodyRefusal } from './body.ts'
import type { HttpReply } from './exchange.ts'
import type { HeadRefusal } from './head.ts'
import { replyJson } from './reply.ts'

/** One answer that the edge gives on every path, before or after an endpoint. */
export interface EdgeAnswer {
  readonly status: number
  readonly error: string
  /** One sentence. */
  readonly about: string
}

/** The answers of the edge. */
export const edgeAnswers = {
  bad_request: {
    status: 400,
    error: 'bad_request',
    about: 'The target, the Host header or the framing of the request is malformed.',
  },
  not_found: { status: 404, error: 'not_found', about: 'Nothing is at this path.' },
  method_not_allowed: {
    status: 405,
    error: 'method_not_allowed',
    about: 'The path has other methods, which the Allow header lists.',
  },
  request_timeout: {
    status: 408,
    error: 'request_timeout',
    about: 'The body did not arrive in time.',
  },
  content_too_large: { status: 413, error: 'content_too_large', about: 'The body is too large.' },
  uri_too_long: { status: 414, error: 'uri_too_long', about: 'The target is too long.' },
  unsupported_media_type: {
    status: 415,
    error: 'unsupported_media_type',
    about: 'The body is encoded, or its transfer is.',
  },
  misdirected_request: {
    status: 421,
    error: 'misdirected_request',
    about: 'The Host header names another host.',
  },
  request_header_fields_too_large: {
    status: 431,
    error: 'request_header_fields_too_large',
    about: 'The request has too many headers.',
  },
  server_error: {
    status: 500,
    error: 'server_error',
    about: 'The service met a fault, which its log shows under the request id.',
  },
  temporarily_unavailable: {
    status: 503,
    error: 'temporarily_unavailable',
    about: 'The database does not answer, or the revocation log in memory is too old.',
  },
} as const satisfies Readonly<Record<string, EdgeAnswer>>

const reply = ({ status, error }: EdgeAnswer): HttpReply => replyJson(status, { error })

/** The answer where no endpoint has the path. */
export const replyNotFound = reply(edgeAnswers.not_found)

/** The answer where endpoints of the path have other methods. */
export function replyMethods(allow: string): HttpReply {
  const { status, error } = edgeAnswers.method_not_allowed
  return replyJson(status, { error }, { allow })
}

/** The answer to each refused body. */
export const bodyReplies: Readonly<Record<BodyRefusal, HttpReply>> = {
  too_large: reply(edgeAnswers.content_too_large),
  too_much_framing: reply(edgeAnswers.bad_request),
  too_slow: reply(edgeAnswers.request_timeout),
}

/** The answer to each refused head. */
export const headReplies: Readonly<Record<HeadRefusal, HttpReply>> = {
  400: reply(edgeAnswers.bad_request),
  414: reply(edgeAnswers.uri_too_long),
  415: reply(edgeAnswers.unsupported_media_type),
  421: reply(edgeAnswers.misdirected_request),
  431: reply(edgeAnswers.request_header_fields_too_large),
}

/** The answer to a fault. A passing one may be tried again. */
export function replyFault(isPassing: boolean, requestId: string): HttpReply {
  const { status, error } = isPassing
    ? edgeAnswers.temporarily_unavailable
    : edgeAnswers.server_error
  const headers = isPassing ? { ...noStore, 'retry-after': '1' } : noStore
  return replyJson(status, { error, request_id: requestId }, headers)
}

const noStore = { 'cache-control': 'no-store' } as const
