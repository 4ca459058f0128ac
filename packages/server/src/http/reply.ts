import { Buffer } from 'node:buffer'
import type { ServerResponse } from 'node:http'
import type { HttpReply, Streamed } from './exchange.ts'

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

/** Writes a whole answer; Node leaves the body out for HEAD. */
export function send(
  response: ServerResponse,
  { status, headers, body }: HttpReply,
  { requestId, close }: Sending,
): void {
  const all: Record<string, string | string[]> = { ...(headers as Record<string, string>) }
  if (status >= 400) all['x-request-id'] = requestId
  if (close) all.connection = 'close'
  if (isStreamed(body)) {
    response.writeHead(status, all)
    return
  }
  all['content-length'] = String(typeof body === 'string' ? Buffer.byteLength(body) : body.length)
  response.writeHead(status, all)
  response.end(body)
}

export function isStreamed(body: HttpReply['body']): body is Streamed {
  return typeof body === 'object' && 'start' in body
}
