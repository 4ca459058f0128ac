import {
  createGuard,
  type GuardOptions,
  type GuardRefusal,
  type RevocationView,
  type StandardSchema,
} from '@countersign/guard'
import type { EpochSeconds, JwsAlgorithm, KeySet } from '@countersign/jwt'
import type { Endpoint } from '../http/exchange.ts'
import { guarded } from './guarded.ts'

export interface ProtectedDeps {
  readonly issuer: string
  readonly audience: string
  readonly algorithms: readonly JwsAlgorithm[]
  /** The same object until a key changed. */
  readonly keySet: () => KeySet
  readonly revocation: RevocationView
  readonly now: () => EpochSeconds
  readonly onRefusal: (refusal: GuardRefusal, fault?: unknown) => void
}

/** What the handler wants to know of its caller. */
export interface ProtectedClaims {
  readonly username: string
}

/**
 * The protected route of the original contract, behind the guard that users install.
 * Why: only this route answers a refused token with the tutorial's 400; the challenge stands beside it.
 */
export function protectedEndpoint(deps: ProtectedDeps): Endpoint {
  const guard = createGuard(policyOf(deps))
  return {
    method: 'GET',
    path: '/protected',
    handle: guarded(guard, {}, ({ claims }) => ({
      status: 200,
      headers: plainText,
      body: `Welcome to the protected area, ${claims.username}!`,
    })),
  }
}

function policyOf(deps: ProtectedDeps): GuardOptions<ProtectedClaims> {
  return {
    issuer: deps.issuer,
    audience: deps.audience,
    algorithms: deps.algorithms,
    keys: { keySet: deps.keySet },
    revocation: deps.revocation,
    claims: protectedClaims,
    deps: { now: deps.now },
    onRefusal: deps.onRefusal,
    render: (_, standard) =>
      standard.status === 503 ? standard : { ...standard, status: 400, body: invalidToken },
  }
}

const plainText = { 'content-type': 'text/plain; charset=utf-8' } as const
const invalidToken = '{"error":"Invalid token"}'

const protectedClaims: StandardSchema<ProtectedClaims> = {
  '~standard': {
    version: 1,
    vendor: 'countersign',
    validate: (claims) =>
      typeof claims === 'object' &&
      claims !== null &&
      'username' in claims &&
      typeof claims.username === 'string'
        ? { value: { username: claims.username } }
        : { issues: [{ message: 'username must be a text', path: ['username'] }] },
  },
}
