import type { SchemaOptions, StandardSchema } from '@countersign/guard'
import type { HttpReply } from '../http/exchange.ts'
import { defineEndpoint } from './endpoint.ts'
import { guarded, guardHere } from './guarded.ts'
import { described, refusal } from './reference.ts'
import type { Services } from './services.ts'

/** The claims that the handler needs. */
export interface ProtectedClaims {
  readonly username: string
  /** The answer, made once with the claims, because the same token gets the same answer. */
  readonly welcome: HttpReply
}

/**
 * Serves the protected route of the original contract, behind the same guard that users install.
 * Why: only this route answers a refused token with the 400 of the tutorial; the challenge is in it too.
 */
export const protectedEndpoint = defineEndpoint({
  method: 'GET',
  path: '/protected',
  reference: {
    summary: 'Welcomes the user or client of an access token.',
    authentication: 'token',
    answers: [
      { status: 200, about: 'The welcome.', mediaType: 'text/plain' },
      {
        ...refusal(400, 'Invalid token', 'The access token is missing, not valid or revoked.'),
        headers: ['WWW-Authenticate'],
      },
      refusal(503, 'temporarily_unavailable', 'The token cannot be checked at this moment.', [
        described,
      ]),
    ],
  },
  make: ({
    guardOf,
    protectedAudience,
    noteRequest,
  }: Pick<Services, 'guardOf' | 'protectedAudience' | 'noteRequest'>) => {
    const guard = guardHere(guardOf(protectedAudience), answers)
    return guarded(guard, {}, ({ claims }) => claims.welcome, noteRequest)
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
