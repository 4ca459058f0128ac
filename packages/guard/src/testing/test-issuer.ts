import {
  generateKey,
  keySetOf,
  publicKeyOf,
  signJwt,
  type EpochSeconds,
  type Key,
} from '@countersign/jwt'
import type { GuardDeps } from '../guard/options.ts'
import type { KeySource } from '../policy/key-source.ts'
import type { RevocationFacts, RevocationView } from '../policy/revocation-view.ts'
import { createTestSender, type TestSender } from './test-sender.ts'
import { forgeAttackTokens, type AttackToken } from './attack-tokens.ts'

/** An issuer inside the test, with real keys, real tokens and a clock that the test moves. */
export interface TestIssuer {
  readonly issuer: string
  readonly audience: string
  /** Options that make a guard trust this issuer, offline. Spread them into the guard's options. */
  readonly options: {
    readonly issuer: string
    readonly audience: string
    readonly keys: KeySource
    readonly revocation: RevocationView
    readonly deps: Partial<GuardDeps>
    /** Off, because most refusals of a test are meant. `warnings: true` shows why a request was refused. */
    readonly warnings: false
  }
  /** Makes a good token. Passed claims replace the usual ones; `undefined` removes one. */
  readonly token: (claims?: Readonly<Record<string, unknown>>) => string
  readonly expired: (claims?: Readonly<Record<string, unknown>>) => string
  readonly wrongKey: (claims?: Readonly<Record<string, unknown>>) => string
  readonly wrongAudience: (claims?: Readonly<Record<string, unknown>>) => string
  /** Makes a revoked token. */
  readonly revoked: (claims?: Readonly<Record<string, unknown>>) => string
  /** Makes a token of a user whose claims have changed since. */
  readonly claimsStale: (claims?: Readonly<Record<string, unknown>>) => string
  /** Revokes tokens by a fact in them, as the feed does: `{ sid: … }`, `{ jti: … }`. */
  readonly revoke: (fact: Partial<RevocationFacts>) => void
  /** Replaces the signing key. Tokens of the old key are refused. */
  readonly rotateKey: () => void
  /** Makes one forged token of each known kind. A guard refuses all of them. */
  readonly attackTokens: () => readonly AttackToken[]
  /** Makes a sender for bound tokens (DPoP). */
  readonly sender: () => TestSender
  readonly clock: TestClock
}

/** The clock of the issuer and its guard. It moves only on `advance`. */
export interface TestClock {
  readonly now: () => EpochSeconds
  readonly advance: (seconds: number) => void
}

/** Units: seconds. */
const lifetime = 600

/**
 * Makes a test issuer. It makes no network requests.
 * Why: it works with the real guard, so a test of a route also tests its protection.
 * @example
 * const issuer = testIssuer()
 * const guard = createGuard(issuer.options)
 * const token = issuer.token({ sub: 'alice', scope: 'read' })
 */
export function testIssuer({
  issuer = 'https://issuer.test',
  audience = 'test-api',
  startAt = Math.floor(Date.now() / 1000),
} = {}): TestIssuer {
  let key = generateKey('ES256')
  let strangersKey = generateKey('ES256', { kid: key.kid ?? '' })
  let keys = keySetOf([publicKeyOf(key)])
  let moment = startAt
  let serial = 0
  const revocations = createTestRevocations()
  const now = (): EpochSeconds => moment as EpochSeconds

  function claimsOf(claims: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
    serial += 1
    return {
      iss: issuer,
      aud: audience,
      sub: 'test-user',
      client_id: 'test-client',
      jti: `test-${serial}`,
      iat: Math.floor(moment),
      exp: Math.floor(moment) + lifetime,
      scope: '',
      ...claims,
    }
  }

  function signClaims(claims: Record<string, unknown>, by: Key = key): string {
    return signJwt(dropUndefined(claims), by, { typ: 'at+jwt' })
  }

  return {
    issuer,
    audience,
    options: {
      issuer,
      audience,
      keys: { keySet: () => keys },
      revocation: revocations.view,
      deps: { now },
      warnings: false,
    },
    token: (claims) => signClaims(claimsOf(claims)),
    expired: (claims) =>
      signClaims(claimsOf({ iat: moment - 2 * lifetime, exp: moment - lifetime, ...claims })),
    wrongKey: (claims) => signClaims(claimsOf(claims), strangersKey),
    wrongAudience: (claims) => signClaims(claimsOf({ aud: 'another-api', ...claims })),
    revoked: (claims) => {
      const all = claimsOf(claims)
      revocations.add({ jti: String(all['jti']) }, 'revoked')
      return signClaims(all)
    },
    claimsStale: (claims) => {
      const all = claimsOf(claims)
      revocations.add({ jti: String(all['jti']) }, 'claims_stale')
      return signClaims(all)
    },
    revoke: (fact) => revocations.add(fact, 'revoked'),
    rotateKey: () => {
      key = generateKey('ES256')
      strangersKey = generateKey('ES256', { kid: key.kid ?? '' })
      keys = keySetOf([publicKeyOf(key)])
    },
    attackTokens: () =>
      forgeAttackTokens({ claims: claimsOf(), key, strangersKey, now: Math.floor(moment) }),
    sender: () => createTestSender(now),
    clock: {
      now,
      advance: (seconds) => {
        moment += seconds
      },
    },
  }
}

function dropUndefined(claims: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(claims).filter(([, value]) => value !== undefined))
}

function createTestRevocations() {
  const dead: { fact: Partial<RevocationFacts>; verdict: 'revoked' | 'claims_stale' }[] = []
  const view: RevocationView = {
    check: (facts) => dead.find(({ fact }) => matches(fact, facts))?.verdict ?? 'live',
    generation: () => dead.length,
    isTooStale: () => false,
    health: () => ({ state: 'fresh', ageSeconds: 0 }),
  }
  return {
    view,
    add: (fact: Partial<RevocationFacts>, verdict: 'revoked' | 'claims_stale') => {
      dead.push({ fact, verdict })
    },
  }
}

function matches(fact: Partial<RevocationFacts>, facts: RevocationFacts): boolean {
  const asked = Object.entries(fact) as [keyof RevocationFacts, unknown][]
  return asked.length > 0 && asked.every(([name, value]) => facts[name] === value)
}
