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

/** An issuer inside the test: real keys, real tokens, a clock that the test moves. */
export interface TestIssuer {
  readonly issuer: string
  readonly audience: string
  /** What makes a guard trust this issuer, offline; spread it into the guard's options. */
  readonly options: {
    readonly issuer: string
    readonly audience: string
    readonly keys: KeySource
    readonly revocation: RevocationView
    readonly deps: Partial<GuardDeps>
  }
  /** A good token; given claims replace or, as `undefined`, remove the usual ones. */
  readonly token: (claims?: Readonly<Record<string, unknown>>) => string
  readonly expired: (claims?: Readonly<Record<string, unknown>>) => string
  readonly wrongKey: (claims?: Readonly<Record<string, unknown>>) => string
  readonly wrongAudience: (claims?: Readonly<Record<string, unknown>>) => string
  /** A token that was good and has been taken back. */
  readonly revoked: (claims?: Readonly<Record<string, unknown>>) => string
  /** A token whose user's claims have changed since. */
  readonly claimsStale: (claims?: Readonly<Record<string, unknown>>) => string
  /** Takes back by any fact that tokens carry, as the feed would: `{ sid: … }`, `{ jti: … }`. */
  readonly revoke: (fact: Partial<RevocationFacts>) => void
  /** From now on signs with a new key; tokens of the old one are refused. */
  readonly rotateKey: () => void
  /** Every kind of forged token that the kit knows; a guard refuses them all. */
  readonly attackTokens: () => readonly AttackToken[]
  /** A sender that can hold a bound token (DPoP). */
  readonly sender: () => TestSender
  readonly clock: TestClock
}

/** The clock of the issuer and its guard; it moves when it is told to. */
export interface TestClock {
  readonly now: () => EpochSeconds
  readonly advance: (seconds: number) => void
}

/** Units: seconds. */
const lifetime = 600

/**
 * Makes a test issuer; nothing leaves the process.
 * Why: it drives the real guard, so that a test of a route tests its protection too.
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

  function signed(claims: Record<string, unknown>, by: Key = key): string {
    return signJwt(present(claims), by, { typ: 'at+jwt' })
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
    },
    token: (claims) => signed(claimsOf(claims)),
    expired: (claims) =>
      signed(claimsOf({ iat: moment - 2 * lifetime, exp: moment - lifetime, ...claims })),
    wrongKey: (claims) => signed(claimsOf(claims), strangersKey),
    wrongAudience: (claims) => signed(claimsOf({ aud: 'another-api', ...claims })),
    revoked: (claims) => {
      const all = claimsOf(claims)
      revocations.add({ jti: String(all['jti']) }, 'revoked')
      return signed(all)
    },
    claimsStale: (claims) => {
      const all = claimsOf(claims)
      revocations.add({ jti: String(all['jti']) }, 'claims_stale')
      return signed(all)
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

function present(claims: Record<string, unknown>): Record<string, unknown> {
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
