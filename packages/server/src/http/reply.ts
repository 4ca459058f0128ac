import { Buffer } from 'node:buffer'
import type { ServerResponse } from 'node:http'
import type { AnyReply, HttpReply } from './exchange.ts'

/** An answer in JSON. */
export function replyJson(
  status: number,
  body: object,
  headers: HttpReply['headers'] = {},
): HttpReply {
  return {
    status,
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  }
}

/** An answer in plain text. */
export function replyText(status: number, body: string): HttpReply {
  return { status, headers: plainText, body }
}

const plainText = { 'content-type': 'text/plain; charset=utf-8' } as const

/** What the edge adds to an answer. */
export interface Sending {
  /** Named in answers that report trouble, so that a person can ask about it. */
  readonly requestId: string
  /** Whether the connection ends with this answer. */
  readonly close: boolean
}

/** Writes a whole answer, or the head of one that goes on; Node leaves the body out for HEAD. */
export function send(
  response: ServerResponse,
  reply: AnyReply,
  { requestId, close }: Sending,
): void {
  const { status } = reply
  const all: Record<string, string | string[]> = { ...(reply.headers as Record<string, string>) }
  if (status >= 400) all['x-request-id'] = requestId
  if (close) all.connection = 'close'
  if ('start' in reply) {
    response.writeHead(status, all)
    return
  }
  const { body } = reply
  if (status === 304) {
    // A length here would be that of the body it stands for (RFC 9110 §8.6).
    response.writeHead(status, all)
    response.end()
    return
  }
  if (typeof body !== 'string') {
    all['content-length'] = String(body.length)
    response.writeHead(status, all)
    response.end(body)
    return
  }
  const bytes = Buffer.byteLength(body)
  all['content-length'] = String(bytes)
  response.writeHead(status, all)
  // A text with as many bytes as letters is ASCII, which Node writes with less work when it is told so.
  response.end(body, bytes === body.length ? 'latin1' : 'utf8')
}
