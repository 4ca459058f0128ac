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

/**
 * The headers of an answer with what the edge adds, for the caller to go on with.
 * Why: answers that report trouble name their request, so that a person can ask about it.
 */
export function headersOf(
  { status, headers }: Pick<AnyReply, 'status' | 'headers'>,
  { sequence }: { readonly sequence: number },
  idOf: (sequence: number) => string,
  close: boolean,
): Record<string, string | string[]> {
  const all: Record<string, string | string[]> = { ...(headers as Record<string, string>) }
  if (status >= 400) all['x-request-id'] = idOf(sequence)
  if (close) all.connection = 'close'
  return all
}
