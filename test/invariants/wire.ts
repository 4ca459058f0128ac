import { randomBytes } from 'node:crypto'
import type { Answer, Call } from './history.ts'

/** How a caller talks to a node. */
export interface Wire {
  /** The program that is such a node: it prints the port that it listens on. */
  readonly program: string
  readonly familyOf: (token: string) => string
  /** Throws: `TypeError` when the node has a bug; anything else means that nobody knows what happened. */
  readonly send: (port: number, act: Call['act'], token: string) => Promise<Answer>
}

/** A node with nothing but the store behind it, which says the exact outcome. */
export const storeWire: Wire = {
  program: new URL('./node.ts', import.meta.url).pathname,
  familyOf: (token) => token.split('.')[0] ?? '',
  async send(port, act, token) {
    const body = JSON.stringify({ token: act === 'open' ? randomBytes(8).toString('hex') : token })
    const response = await post(port, `/${act}`, 'application/json', body)
    if (response.status !== 200) return { kind: 'unknown' }
    const answer: Answer = JSON.parse(await response.text())
    return answer
  },
}

const credentials = { client_id: 'foo', client_secret: 'bar' }

/** The token service itself. */
export const serviceWire: Wire = {
  program: new URL('./service-node.ts', import.meta.url).pathname,
  familyOf: (token) => Buffer.from(token.slice(3), 'base64url').toString('base64url', 1, 17),
  async send(port, act, token) {
    switch (act) {
      case 'open': {
        const body = JSON.stringify({ ...credentials, scope: 'offline_access read' })
        return await tokenIn(await post(port, '/login', 'application/json', body))
      }
      case 'refresh': {
        const grant = { grant_type: 'refresh_token', refresh_token: token, ...credentials }
        return await tokenIn(await post(port, '/oauth2/token', form, encode(grant)))
      }
      case 'end': {
        const response = await post(port, '/oauth2/revoke', form, encode({ token, ...credentials }))
        return response.status === 200 ? { kind: 'ended' } : { kind: 'unknown' }
      }
    }
  },
}

const form = 'application/x-www-form-urlencoded'

function encode(fields: Readonly<Record<string, string>>): string {
  return new URLSearchParams(fields).toString()
}

async function tokenIn(response: Response): Promise<Answer> {
  const body: { refresh_token?: string; error?: string } = JSON.parse(await response.text())
  // Away, or a burst of logins with a chosen secret that a fresh node has not seen proven yet.
  if (response.status === 503 || response.status === 429) return { kind: 'unknown' }
  // The wire keeps the reason to itself; a token that was ours is refused only when its family is dead.
  if (body.error === 'invalid_grant') return { kind: 'refused', reason: 'ended' }
  if (body.refresh_token === undefined) {
    throw new TypeError(`a node answered ${response.status} ${JSON.stringify(body)}`)
  }
  return { kind: 'token', token: body.refresh_token }
}

async function post(port: number, path: string, type: string, body: string): Promise<Response> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, {
    method: 'POST',
    headers: { 'content-type': type },
    body,
  }).catch((cause: unknown) => {
    throw new Error('the connection broke', { cause })
  })
  if (response.status === 500) throw new TypeError(`a node has a bug: ${await response.text()}`)
  return response
}
