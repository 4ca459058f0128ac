import { expect, it } from 'vitest'
import { createGuard } from './guard.ts'

const base = { issuer: 'https://i.test', audience: 'api' }
const cookie = { cookie: '__Host-session' }
const dpop = { publicOrigin: 'https://a.test' }
const client = { clientId: 'api', clientSecret: 'secret' }
const query = { dpop: { publicOrigin: 'https://a.test/?all=' } }

/** Options that a program without a compiler might pass. Each would leave out a check, or weaken one. */
const rows: readonly (readonly [string, object])[] = [
  ['leeway as a text', { leewaySeconds: '10' }],
  ['a plain token allowed by the text false', { acceptPlainTokensUnsafe: 'false' }],
  ['a binding required by a text', { dpop: { ...dpop, required: 'true' } }],
  ['proofs of any age', { dpop: { ...dpop, proofAgeSecondsMax: Infinity } }],
  ['a misspelt rule for old revocations', { revocation: { onstale: 'deny' } }],
  ['an unknown rule for old revocations', { revocation: { onStale: 'Deny' } }],
  ['revocations of any age', { revocation: { maxStaleSeconds: Number.NaN } }],
  ['revocation without a policy', { revocation: true }],
  ['a misspelt required claim of a profile', { profile: { typ: 'JWT', requires: ['sub'] } }],
  ['a required claim of a profile as one text', { profile: { typ: 'JWT', require: 'sub' } }],
  ['a profile without a type', { profile: {} }],
  ['a misspelt claim of roles', { permissions: { role: 'groups' } }],
  ['a misspelt time of keys', { remoteKeys: { staleSeconds: 1 } }],
  ['keys that never grow old', { remoteKeys: { staleMaxSeconds: Number.NaN } }],
  ['an algorithm that does not exist', { algorithms: ['ES257'] }],
  ['no algorithm', { algorithms: ['none'] }],
  ['a misspelt limit of the cache', { cache: { entries: 5 } }],
  ['a misspelt audience of one issuer', { issuer: [{ issuer: 'https://i.test', audiences: 'b' }] }],
  ['a look-up that is no function', { issuer: { lookup: 'tenants' } }],
  ['claims that are no schema', { claims: {} }],
  ['claims that are null', { claims: null }],
  ['a log that is no function', { onRefusal: 'console' }],
  ['warnings by the text false', { warnings: 'false' }],
  ['warnings into an object', { warnings: console }],
  ['one origin for a list', { credentials: { ...cookie, allowedOrigins: 'https://app.test' } }],
  ['an origin with a path', { credentials: { ...cookie, allowedOrigins: ['https://app.test/'] } }],
  ['the origin null', { credentials: { ...cookie, allowedOrigins: ['null'] } }],
  ['an address of proofs with a query, which makes all paths equal', query],
  ['an address of proofs with a fragment', { dpop: { publicOrigin: 'https://a.test/#' } }],
  ['a memory of proofs without its function', { dpop: { ...dpop, replays: {} } }],
  ['nonces without their functions', { dpop: { ...dpop, nonces: { accepts: () => true } } }],
  ['no pause between two failures', { remoteKeys: { retrySeconds: [0, 0] } }],
  ['a pause that is missing', { remoteKeys: { retrySeconds: [1] } }],
  ['pauses as texts', { remoteKeys: { retrySeconds: ['1', '60'] } }],
  ['pauses that shrink', { remoteKeys: { retrySeconds: [60, 1] } }],
  ['no pause between polls', { revocation: { follow: 'poll', pollSeconds: 0 } }],
  [
    'a snapshot of keys without its functions',
    { remoteKeys: { snapshot: { load: () => undefined } } },
  ],
  ['a snapshot of revocations without its functions', { revocation: { snapshot: {} } }],
  ['a policy of revocations in a map', { revocation: new Map([['onStale', 'deny']]) }],
  ['a policy of revocations in a promise', { revocation: Promise.resolve({ onStale: 'deny' }) }],
  ['a policy of revocations that is a list', { revocation: [{ onStale: 'deny' }] }],
  ['a policy of revocations that is a function', { revocation: () => ({ onStale: 'deny' }) }],
  ['a policy of revocations that is inherited', { revocation: Object.create({ onStale: 'deny' }) }],
  ['permissions in a map', { permissions: new Map([['roles', 'groups']]) }],
  ['permissions that are a list', { permissions: ['roles'] }],
  ['times of keys in a map', { remoteKeys: new Map([['staleMaxSeconds', 60]]) }],
  ['limits of the cache in a map', { cache: new Map([['entriesMax', 5]]) }],
  ['a profile in a map', { profile: new Map([['typ', 'JWT']]) }],
  ['no algorithms', { algorithms: [] }],
  ['no algorithms of proofs', { dpop: { ...dpop, algorithms: [] } }],
  ['no place of credentials', { credentials: [] }],
  ['no keys of envelopes', { decryptionKeys: [] }],
  ['no issuer', { issuer: [] }],
  ['no audience', { audience: [] }],
  ['algorithms that are undefined', { algorithms: undefined }],
  ['a profile that is undefined', { profile: undefined }],
  [
    'required claims of a profile that are undefined',
    { profile: { typ: 'JWT', require: undefined } },
  ],
  ['a schema that is undefined', { claims: undefined }],
  ['a claim of roles that is undefined', { permissions: { roles: undefined } }],
  ['a policy of revocations that is undefined', { revocation: undefined }],
  ['a rule for old revocations that is undefined', { revocation: { onStale: undefined } }],
  ['an age of revocations that is undefined', { revocation: { maxStaleSeconds: undefined } }],
  ['senders that are undefined', { dpop: undefined }],
  ['a required binding that is undefined', { dpop: { ...dpop, required: undefined } }],
  ['nonces that are undefined', { dpop: { ...dpop, nonces: undefined } }],
  ['a memory of proofs that is undefined', { dpop: { ...dpop, replays: undefined } }],
  ['keys of envelopes that are undefined', { decryptionKeys: undefined }],
  ['encryptions that are undefined', { decryptionEncryptions: undefined }],
  ['a leeway that is undefined', { leewaySeconds: undefined }],
  ['an age of keys that is undefined', { remoteKeys: { staleMaxSeconds: undefined } }],
  ['a limit of the cache that is undefined', { cache: { entriesMax: undefined } }],
  ['a clock that is undefined', { deps: { now: undefined } }],
  ['an own origin that is undefined', { credentials: { ...cookie, publicOrigin: undefined } }],
  [
    'algorithms of one issuer that are undefined',
    { issuer: [{ issuer: 'https://i.test', algorithms: undefined }] },
  ],
  [
    'an audience of one issuer that is undefined',
    { issuer: [{ issuer: 'https://i.test', audience: undefined }] },
  ],
  ['a public origin with a path', { credentials: { ...cookie, publicOrigin: 'https://a.test/x' } }],
]

it.each(rows)('a guard throws for %s', (_name, options) => {
  expect(() => createGuard({ ...base, ...options })).toThrow(TypeError)
})

it.each<[string, object]>([
  ['an issuer', { issuer: 'http://a.test' }],
  ['an introspection endpoint', { introspection: { endpoint: 'http://a.test', ...client } }],
  ['a resource', { resource: 'http://a.test' }],
  ['an origin of proofs', { dpop: { publicOrigin: 'http://a.test' } }],
])('%s over plain http is named as such', (_, options) => {
  expect(() => createGuard({ ...base, ...options })).toThrow(
    'is plain http, and a.test is not this machine',
  )
})

it.each<[string, object, string]>([
  ['a guard', { scpe: 'read' }, 'a guard has no option "scpe"; it has issuer'],
  ['senders', { dpop: { ...dpop, requird: true } }, 'dpop has no option "requird"; it has '],
])('a misspelt option of %s is refused with the list of its options', (_, options, says) => {
  expect(() => createGuard({ ...base, ...options })).toThrow(says)
})

it.each<[string, unknown, string]>([
  ['no options', undefined, 'a guard takes options, such as { issuer, audience }'],
  [
    'an issuer that is undefined',
    { ...base, issuer: undefined },
    'issuer is undefined; give it a value',
  ],
  [
    'an empty audience',
    { ...base, audience: '' },
    'audience is a text that is not empty, or a list',
  ],
  ['an empty realm', { ...base, realm: '' }, 'realm is a text that is not empty'],
  [
    'an unknown algorithm',
    { ...base, algorithms: ['RS265'] },
    '"RS265" does not exist here; these do: HS256',
  ],
])('%s is refused with the remedy', (_, options, says) => {
  expect(() => createGuard(options as never)).toThrow(says)
})

it('an issuer without a scheme is refused with the remedy', () => {
  expect(() => createGuard({ ...base, issuer: 'localhost:8000' })).toThrow(
    'issuer localhost:8000 is no https address; begin it with https://, or on this machine with http://',
  )
})

it('a guard starts with every option in its right form', () => {
  const guard = createGuard({
    ...base,
    leewaySeconds: 0,
    dpop: { ...dpop, required: true, proofAgeSecondsMax: 30 },
    revocation: { onStale: 'deny', maxStaleSeconds: 5, follow: 'poll' },
    profile: { typ: ['JWT', ''], require: ['sub'] },
    permissions: { scopes: 'scp', roles: ['realm_access', 'roles'] },
    remoteKeys: { staleMaxSeconds: 60, retrySeconds: [1, 5] },
    cache: { entriesMax: 0 },
    credentials: ['header', { ...cookie, allowedOrigins: ['https://a.test', 'app://b'] }],
  })
  guard.close()
  expect(guard.health().issuers).toHaveLength(1)
})

it('a guard starts with harmless options that are undefined', () => {
  const harmless = { realm: undefined, resource: undefined, onRefusal: undefined, cache: undefined }
  const strictest = { acceptPlainTokensUnsafe: undefined, allowOtherAudiences: undefined }
  const guard = createGuard({ ...base, ...harmless, ...strictest } as never)
  guard.close()
  expect(guard.health().ok).toBe(false)
})

it('an issuer of a look-up is checked as strictly', async () => {
  const faults: unknown[] = []
  const guard = createGuard({
    ...base,
    issuer: { lookup: (issuer) => ({ issuer, audiences: 'another' }) as { issuer: string } },
    onRefusal: (_refusal, fault) => faults.push(fault),
  })
  const token = ['{"alg":"ES256"}', '{"iss":"https://i.test"}', 'x'].map((part) => btoa(part))
  const rawHeaders = ['Authorization', `Bearer ${token.join('.').replaceAll('=', '')}`]
  expect(await guard.check({ rawHeaders })).toMatchObject({ refusal: { reason: 'check_failed' } })
  expect(String(faults[0])).toContain('audiences')
})
