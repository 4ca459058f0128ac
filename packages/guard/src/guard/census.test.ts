import { encryptJwt, generateKey, publicKeyOf } from '@countersign/jwt'
import { describe, expect, it } from 'vitest'
import { explainRefusal } from '../explain-refusal.ts'
import type { FetchPort } from '../outbound/fetch-document.ts'
import type { Requirement } from '../permissions/requirement.ts'
import type { NodeRequest } from '../policy/request.ts'
import { guardReasons, type GuardReason } from '../refusal.ts'
import { createReplayMemory } from '../sender/replay-memory.ts'
import { createNonces } from '../sender/nonces.ts'
import { forgeSigned, part } from '../testing/forge.ts'
import { testIssuer } from '../testing/test-issuer.ts'
import { createGuard } from './guard.ts'
import type { GuardOptions } from './options.ts'

const t = testIssuer()
const sender = t.sender()
const now = t.clock.now()
const key = generateKey('ES256')
const good = {
  iss: t.issuer,
  aud: t.audience,
  sub: 's',
  client_id: 'c',
  jti: 'j',
  iat: now,
  exp: now + 60,
}
const header = { alg: 'ES256', typ: 'at+jwt', kid: key.kid }
const ownKey = { keys: publicKeyOf(key) }
const dpop = { publicOrigin: 'https://api.test' }
const bound = t.token({ cnf: { jkt: sender.jkt } })
const down: FetchPort = () => Promise.reject(new Error('down'))
const introspection = { endpoint: 'https://issuer.test/i', clientId: 'c', clientSecret: 's' }
const decryptionKeys = generateKey('ECDH-ES')

const bearer = (token: string): NodeRequest => request(['Authorization', `Bearer ${token}`])
const forged = (header: object, claims: unknown): NodeRequest =>
  bearer(forgeSigned(header, claims, key))
const proof = (claims: object = {}): NodeRequest =>
  request([
    'Authorization',
    `DPoP ${bound}`,
    'DPoP',
    sender.proof({ token: bound, url: 'https://api.test/' }, { ...claims }),
  ])

function request(rawHeaders: readonly string[], method = 'GET'): NodeRequest {
  return { method, url: '/', rawHeaders }
}

type Row = readonly [NodeRequest, Partial<GuardOptions>?, Requirement<unknown>?]

const once = proof()

/** One request for every reason that is refused with it, under a policy and a route if needed. */
const census: Readonly<Record<GuardReason, Row>> = {
  credential_missing: [request([])],
  credential_malformed: [request(['Authorization', 'Bearer'])],
  credentials_ambiguous: [request(['Authorization', 'Bearer a', 'Authorization', 'Bearer b'])],
  scheme_unsupported: [request(['Authorization', 'Basic a'])],
  cross_site: [
    request(['Cookie', '__Host-s=t', 'Origin', 'https://evil.test'], 'POST'),
    { credentials: { cookie: '__Host-s' } },
  ],
  issuer_unknown: [
    bearer(t.token({ iss: 'https://other.test' })),
    { keys: undefined, issuer: ['https://a.test', 'https://b.test'] } as object,
  ],
  keys_unavailable: [bearer(t.token()), { keys: undefined, deps: { fetch: down } } as object],
  plain_token: [bearer(t.token()), { decryptionKeys }],
  decryption_failed: [
    bearer(encryptJwt(t.token(), publicKeyOf(generateKey('ECDH-ES')))),
    { decryptionKeys },
  ],
  token_inactive: [
    bearer('opaque'),
    {
      introspection,
      deps: {
        fetch: async () => ({
          status: 200,
          headers: new Headers(),
          body: bytes('{"active":false}'),
        }),
      },
    },
  ],
  introspection_unavailable: [bearer('opaque'), { introspection, deps: { fetch: down } }],
  claims_invalid: [
    bearer(t.token()),
    {
      claims: {
        '~standard': { version: 1, vendor: 'x', validate: () => ({ issues: [{ message: '' }] }) },
      },
    },
  ],
  binding_missing: [bearer(bound), { dpop }],
  binding_unsupported: [bearer(t.token({ cnf: { 'x5t#S256': 'x' } }))],
  binding_mismatch: [
    request([
      'Authorization',
      `DPoP ${bound}`,
      'DPoP',
      t.sender().proof({ token: bound, url: 'https://api.test/' }),
    ]),
    { dpop },
  ],
  binding_absent: [bearer(t.token()), { dpop: { ...dpop, required: true } }],
  proof_missing: [request(['Authorization', `DPoP ${bound}`]), { dpop }],
  proof_invalid: [proof({ htm: 'POST' }), { dpop }],
  proof_replayed: [once, { dpop: { ...dpop, replays: { remember: () => 'seen' } } }],
  proof_nonce_required: [proof(), { dpop: { ...dpop, nonces: createNonces() } }],
  proof_memory_full: [
    proof(),
    { dpop: { ...dpop, replays: createReplayMemory({ entriesMax: 0 }) } },
  ],
  revoked: [bearer(t.revoked())],
  claims_stale: [bearer(t.claimsStale())],
  revocations_stale: [
    bearer(t.token()),
    { revocation: { ...t.options.revocation, isTooStale: () => true } },
  ],
  insufficient_scope: [bearer(t.token()), {}, { scope: 'x' }],
  insufficient_role: [bearer(t.token()), {}, { role: 'x' }],
  insufficient_permission: [bearer(t.token()), {}, { permission: 'x' }],
  denied_by_rule: [bearer(t.token()), {}, { allow: () => false }],
  authentication_too_old: [bearer(t.token()), {}, { maxAgeSeconds: 1 }],
  authentication_too_weak: [bearer(t.token()), {}, { acr: 'x' }],
  check_failed: [bearer(t.token()), { deps: { now: () => raise() } }],
  too_large: [bearer(`a.${'a'.repeat(20_000)}.a`)],
  malformed: [bearer('a.b')],
  header_unsupported: [forged({ ...header, crit: ['x'] }, good), ownKey],
  algorithm_not_allowed: [bearer(`${part({ ...header, alg: 'none' })}.${part(good)}.`)],
  key_unknown: [forged(header, good)],
  signature_invalid: [bearer(t.wrongKey())],
  typ_mismatch: [forged({ ...header, typ: 'JWT' }, good), ownKey],
  claims_malformed: [forged(header, []), ownKey],
  issuer_mismatch: [bearer(t.token({ iss: 'https://other.test' }))],
  audience_mismatch: [bearer(t.wrongAudience())],
  expired: [bearer(t.expired())],
  not_yet_valid: [bearer(t.token({ nbf: now + 300 }))],
  issued_in_future: [bearer(t.token({ iat: now + 300 }))],
  claim_missing: [bearer(t.token({ client_id: undefined }))],
  claim_invalid: [forged(header, { ...good, exp: 'never' }), ownKey],
}

describe('a request exists for every reason', () => {
  it.each(guardReasons)('%s', async (reason) => {
    const [asked, policy = {}, ...requirement] = census[reason]
    const deps = { ...t.options.deps, ...policy.deps }
    const guard = createGuard({ ...t.options, ...policy, deps })
    const outcome = await guard.check(asked, ...requirement)
    expect(outcome).toMatchObject({ ok: false, refusal: { reason } })
    const facts = outcome.ok
      ? ''
      : JSON.stringify([outcome.refusal, explainRefusal(outcome.refusal)])
    expect(facts).toContain(`"${reason}`)
    for (const part of secretsOf(asked)) expect(facts).not.toContain(part)
    guard.close()
  })
})

/** The signed parts of the tokens of a request, which no refusal may hold. */
function secretsOf({ rawHeaders }: NodeRequest): readonly string[] {
  return rawHeaders
    .flatMap((header) => header.split('.').slice(1))
    .filter((text) => text.length > 8)
}

async function* bytes(text: string): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode(text)
}

function raise(): never {
  throw new Error('no clock')
}

it('a key id from outside is logged as one line of plain letters', async () => {
  const guard = createGuard(t.options)
  const kid = `a\r\n[info] admin \u202e${'x'.repeat(100)}`
  const outcome = await guard.check(forged({ ...header, kid }, good))
  expect(outcome.ok ? undefined : outcome.refusal.kid).toBe(`a??[info] admin ?${'x'.repeat(47)}`)
})
