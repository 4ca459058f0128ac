import { setTimeout as pause } from 'node:timers/promises'
import type { Guard } from '@countersign/guard'
import { decodeUnverified } from '@countersign/jwt'
import { tokensIn, type TestNode, type Tokens } from './start-node.ts'

/** The id of an access token. */
export function idOf({ access_token }: Pick<Tokens, 'access_token'>): string {
  const decoded = decodeUnverified(access_token)
  const jti = decoded.ok ? decoded.value.claims.jti : undefined
  if (typeof jti !== 'string') throw new Error('the token has no id')
  return jti
}

/** Logs in so many times. */
export async function manyTokens(node: TestNode, many: number): Promise<readonly Tokens[]> {
  const tokens: Tokens[] = []
  while (tokens.length < many) tokens.push(await tokensIn(await node.login()))
  return tokens
}

/** The answer of a guard elsewhere. */
export async function askGuard(
  guard: Guard,
  { access_token }: Pick<Tokens, 'access_token'>,
): Promise<'admitted' | 'refused'> {
  const headers = { authorization: `Bearer ${access_token}` }
  const outcome = await guard.check(new Request('http://api.example/', { headers }))
  return outcome.ok ? 'admitted' : 'refused'
}

/** A revocation that was answered with 200. Units: milliseconds. */
export interface Acknowledged {
  readonly token: Tokens
  readonly at: number
}

/** Revocations on their way, four at a time; a refused one is asked again, as a client would. */
export interface Revoking {
  readonly acknowledged: readonly Acknowledged[]
  /** The statuses other than 200 that were answered. */
  readonly refusals: readonly number[]
  readonly done: Promise<void>
}

/** Revokes all tokens at a node, through whatever happens to its database. */
export function revokeAll(node: TestNode, tokens: readonly Tokens[]): Revoking {
  const waiting = [...tokens]
  const acknowledged: Acknowledged[] = []
  const refusals: number[] = []
  async function work(): Promise<void> {
    for (let token = waiting.shift(); token !== undefined; token = waiting.shift()) {
      for (;;) {
        const { status } = await node.revoke(token.access_token)
        if (status === 200) break
        refusals.push(status)
        await pause(20)
      }
      acknowledged.push({ token, at: performance.now() })
    }
  }
  const done = Promise.all([work(), work(), work(), work()]).then(() => undefined)
  return { acknowledged, refusals, done }
}

/** Asks a guard about tokens without a break, and keeps the moments at which it admitted one. */
export function watchGuard(guard: Guard, tokens: readonly Tokens[]) {
  const admittedAt: number[] = []
  let going = true
  const watching = (async () => {
    while (going) {
      for (const token of tokens)
        if ((await askGuard(guard, token)) === 'admitted') admittedAt.push(performance.now())
      await pause(10)
    }
  })()
  return {
    async stop(): Promise<readonly number[]> {
      going = false
      await watching
      return admittedAt
    },
  }
}
