import type { AnyReply, HttpReply } from './exchange.ts'

/** The routes of the original contract. Their refusals have bodies that the contract gives byte for byte. */
const exactRefusals: ReadonlySet<string> = new Set(['/login', '/protected'])

/**
 * Ends an answer in JSON with a newline.
 * Why: people type curl against `dev`, and the prompt of their shell then has a line of its own.
 */
export function endJsonWithNewline(path: string | undefined, reply: AnyReply): AnyReply {
  if ('start' in reply || !isJson(reply)) return reply
  if (reply.status >= 400 && path !== undefined && exactRefusals.has(path)) return reply
  const { status, headers, body } = reply
  const text = typeof body === 'string' ? body : Buffer.from(body).toString('utf8')
  return { status, headers, body: `${text}\n` }
}

function isJson({ headers }: HttpReply): boolean {
  const type = String(headers['content-type'] ?? '')
  return type.startsWith('application/json') || type.includes('+json')
}
