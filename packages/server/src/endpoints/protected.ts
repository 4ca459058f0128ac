import type { SchemaOptions, StandardSchema } from '@countersign/guard'
import type { HttpReply } from '../http/exchange.ts'
import { defineEndpoint } from './endpoint.ts'
import { guarded, guardHere } from './guarded.ts'
import type { Services } from './services.ts'

/** The facts that the handler needs of its caller. */
export interface ProtectedClaims {
  readonly username: string
  /** The answer. It is made once with the claims, because a repeated token brings the same. */
  readonly welcome: HttpReply
}

/**
 * The protected route of the original contract, behind the guard that users install.
 * Why: only this route answers a refused token with the tutorial's 400; the challenge comes with it.
 */
export const protectedEndpoint = defineEndpoint({
  method: 'GET',
  path: '/protected',
  make: ({ guardOf, protectedAudience }: Pick<Services, 'guardOf' | 'protectedAudience'>) => {
    const guard = guardHere(guardOf(protectedAudience), answers)
    return guarded(guard, {}, ({ claims }) => claims.welcome)
  },
})

const plainText = {
  'content-type': 'text/plain; charset=utf-8',
  'cache-control': 'no-store',
} as const
const invalidToken = '{"error":"Invalid token"}'

function claimsOf(username: string): ProtectedClaims {
  const body = `Welcome to the protected area, ${username}!`
  return { username, welcome: { status: 200, headers: plainText, body, isKept: true } }
}

const protectedClaims: StandardSchema<ProtectedClaims> = {
  '~standard': {
    version: 1,
    vendor: 'countersign',
    validate: (claims) =>
      typeof claims === 'object' &&
      claims !== null &&
      'username' in claims &&
      typeof claims.username === 'string'
        ? { value: claimsOf(claims.username) }
        : { issues: [{ message: 'username must be a text', path: ['username'] }] },
  },
}

const answers: Pick<SchemaOptions<ProtectedClaims>, 'claims' | 'render'> = {
  claims: protectedClaims,
  render: (_, standard) =>
    standard.status === 503 ? standard : { ...standard, status: 400, body: invalidToken },
}
