import { generateKeyPairSync, randomBytes, type KeyObject } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createKeySet, type EpochSeconds } from '@countersign/jwt'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createKeyRing } from '../keys/ring.ts'
import { createSeals } from '../keys/seal.ts'
import { openStore } from '../store/open-store.ts'
import { readClientKeys } from './client-keys.ts'
import { addClient, type NewClient } from './clients.ts'
import type { OperatorDeps } from './operator.ts'
import { addResource, type NewResource } from './resources.ts'

const now = () => 1_800_000_000 as EpochSeconds
const randomId = () => randomBytes(16).toString('base64url')
const folder = mkdtempSync(join(tmpdir(), 'countersign-records-'))
let deps: OperatorDeps

beforeAll(async () => {
  const store = await openStore(join(folder, 'db'), { now, randomId })
  const times = { periodSeconds: 1000, announceSeconds: 10, leewaySeconds: 60 }
  const seals = createSeals(randomBytes(32), randomBytes)
  const ring = createKeyRing({ store: store.keys, seals, times, now, randomId, randomBytes })
  await ring.start()
  const audit = { requestId: 'r', address: null, actor: 'operator' }
  deps = { store, ring, seals, now, randomBytes, randomId, audit }
})

afterAll(async () => {
  await deps.store.close()
  rmSync(folder, { recursive: true })
})

const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const publicKey = { ...pair.publicKey.export({ format: 'jwk' }), alg: 'ES256', kid: 'k' }
const privateKey = { ...pair.privateKey.export({ format: 'jwk' }), alg: 'ES256', kid: 'p' }
const secret = { kty: 'oct', k: randomBytes(32).toString('base64url'), alg: 'HS256', kid: 's' }
const weak = {
  ...generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey.export({ format: 'jwk' }),
  alg: 'RS256',
}

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const rsaKey = { ...rsa.publicKey.export({ format: 'jwk' }), kid: 'r' }
const pem = (key: KeyObject, type: 'spki' | 'pkcs8') => key.export({ type, format: 'pem' })

function keptOf(jwks: string | null): string {
  const set = createKeySet(JSON.parse(jwks ?? ''))
  if (!set.ok || set.value.skipped.length > 0) return 'a key that is not used'
  return `kept ${set.value.keys.map(({ alg }) => alg).join()}`
}

describe('keys as tools write them', () => {
  const rows = [
    {
      name: 'an RSA key without alg',
      text: { keys: [rsaKey] },
      says: 'The key r says no algorithm',
    },
    {
      name: 'an RSA key without alg, next to another key',
      text: { keys: [publicKey, rsaKey] },
      says: 'The key r says no algorithm',
    },
    {
      name: 'an RSA key without alg, with --alg',
      text: { keys: [rsaKey] },
      alg: 'PS256',
      says: 'kept PS256',
    },
    {
      name: 'an RSA key whose alg is null, with --alg',
      text: { keys: [{ ...rsaKey, alg: null }] },
      alg: 'RS256',
      says: 'kept RS256',
    },
    {
      name: 'an RSA key whose alg is empty, with --alg',
      text: { keys: [{ ...rsaKey, alg: '' }] },
      alg: 'PS256',
      says: 'kept PS256',
    },
    {
      name: 'an EC key for encryption without alg',
      text: { keys: [{ ...publicKey, alg: undefined, use: 'enc' }] },
      says: 'holds no key that can be used (k: use_mismatch)',
    },
    { name: 'one JWK', text: publicKey, says: 'kept ES256' },
    { name: 'one RSA JWK', text: rsaKey, alg: 'RS256', says: 'kept RS256' },
    { name: 'PEM', text: pem(rsa.publicKey, 'spki'), alg: 'RS256', says: 'kept RS256' },
    { name: 'PEM of EC', text: pem(pair.publicKey, 'spki'), alg: 'ES256', says: 'kept ES256' },
    {
      name: 'PEM behind text, as openssl prints it',
      text: `Bag Attributes\n  friendlyName: web\n${pem(pair.publicKey, 'spki')}`,
      alg: 'ES256',
      says: 'kept ES256',
    },
    { name: 'PEM without an algorithm', text: pem(rsa.publicKey, 'spki'), says: '--alg' },
    { name: 'PEM of another kind', text: pem(pair.publicKey, 'spki'), alg: 'RS256', says: 'it is' },
    { name: 'private PEM', text: pem(pair.privateKey, 'pkcs8'), alg: 'ES256', says: 'public half' },
    { name: 'one private JWK', text: privateKey, says: 'public halves' },
    { name: 'a weak key', text: { keys: [{ ...weak, kid: 'w' }] }, says: 'w: key_too_short' },
    {
      name: 'a set with a member twice',
      text: '{"keys":[],"keys":[]}',
      says: 'The JWK set cannot be read (json_duplicate_member).',
    },
    { name: 'text that is no key', text: 'x', says: 'neither JSON nor PEM' },
    { name: 'an algorithm of a secret', text: { keys: [rsaKey] }, alg: 'HS256', says: 'HS256' },
  ]
  it.each(rows)('$name: $says', async ({ text, alg, says }) => {
    const added = await addClient(
      {
        id: randomId(),
        authentication: 'private_key_jwt',
        grantTypes: ['client_credentials'],
        access: [],
        jwks: typeof text === 'string' ? text : JSON.stringify(text),
        alg,
        dpopRequired: false,
      },
      deps,
    )
    expect(added.ok ? keptOf(added.value.client.jwks) : added.refusal.sentence).toContain(says)
  })
})

it.each([
  {
    name: 'one key for signatures and encryption is kept',
    keys: [publicKey, { ...publicKey, alg: 'ECDH-ES+A256KW' }],
    says: undefined,
  },
  {
    name: 'an RSA key for encryption without alg costs only itself',
    keys: [publicKey, { ...rsaKey, use: 'enc' }],
    says: undefined,
  },
  {
    name: 'one key for two signature algorithms is refused',
    keys: [
      { ...rsaKey, alg: 'RS256' },
      { ...rsaKey, alg: 'PS256' },
    ],
    says: 'The JWK set cannot be read (key_reused).',
  },
  {
    name: 'a key for encryption alone is refused',
    keys: [{ ...publicKey, alg: 'ECDH-ES+A256KW' }],
    says: 'The JWK set holds no key that can be used (k: algorithm_not_allowed).',
  },
])('$name', ({ keys, says }) => {
  const text = JSON.stringify({ keys })
  const read = readClientKeys({ text })
  expect(read.ok ? [read.value] : [undefined, read.refusal]).toEqual(
    says === undefined ? [text] : [undefined, says],
  )
})

it('refuses an algorithm without keys', async () => {
  const plain = { grantTypes: [], access: [], dpopRequired: false }
  const wanted = {
    id: randomId(),
    authentication: 'client_secret',
    alg: 'RS256',
    ...plain,
  } as const
  expect(await addClient(wanted, deps)).toMatchObject({
    refusal: { sentence: expect.stringContaining('belongs to public keys') },
  })
})

describe('a warning about a record that some libraries cannot use', () => {
  const heard: string[] = []
  const warned = async (work: (deps: OperatorDeps) => Promise<{ readonly ok: boolean }>) => {
    heard.length = 0
    const done = await work({ ...deps, warn: (sentence) => void heard.push(sentence) })
    expect(done.ok).toBe(true)
    return heard.join()
  }
  it.each([
    ['odd/x+1', true],
    ['it!', true],
    ['a~plain.id_1-2', false],
  ])('a client %s: %s', async (id, says) => {
    const plain = { grantTypes: [], access: [], dpopRequired: false }
    const said = await warned((at) => addClient({ id, authentication: 'none', ...plain }, at))
    expect(said.includes('unencoded')).toBe(says)
  })
  it.each([
    ['Ed448', true],
    ['ML-DSA-44', true],
    ['ES256', false],
    ['Ed25519', false],
  ])('a resource with %s: %s', async (tokenAlg, says) => {
    const audience = `https://${tokenAlg.toLowerCase()}.test`
    const said = await warned((at) => addResource({ audience, scope: '', tokenAlg }, at))
    expect(said.includes('whole key set')).toBe(says)
    await deps.store.resources.remove(audience, deps.audit)
  })
})

describe('the keys of a private_key_jwt client', () => {
  const client = (keys: readonly object[]): NewClient => ({
    id: randomId(),
    authentication: 'private_key_jwt',
    grantTypes: ['client_credentials'],
    access: [],
    jwks: JSON.stringify({ keys }),
    dpopRequired: false,
  })
  const rows = [
    { name: 'a public key', keys: [publicKey], says: 'taken' },
    { name: 'a private key', keys: [privateKey], says: 'public halves' },
    {
      name: 'a private key next to a public one',
      keys: [publicKey, privateKey],
      says: 'public halves',
    },
    { name: 'a secret next to a public key', keys: [publicKey, secret], says: 'public halves' },
    {
      name: 'an encryption key alone',
      keys: [{ ...publicKey, alg: 'ECDH-ES', use: 'enc' }],
      says: 'no key that can be used',
    },
    { name: 'a weak key (A35)', keys: [weak], says: 'no key that can be used' },
    { name: 'an empty set', keys: [], says: 'no key that can be used' },
    { name: 'one kid twice', keys: [publicKey, publicKey], says: 'cannot be read' },
  ]
  it.each(rows)('$name: $says', async ({ keys, says }) => {
    const added = await addClient(client(keys), deps)
    expect(added.ok ? 'taken' : added.refusal.sentence).toContain(says)
  })
})

it.each(['', 'a b', 'é', 'a\u0000', 'x'.repeat(257), 'https://idp.example|alice'])(
  'no client may be called %j (B19)',
  async (id) => {
    const wanted = {
      id,
      authentication: 'none',
      grantTypes: [],
      access: [],
      dpopRequired: false,
    } as const
    expect(await addClient(wanted, deps)).toMatchObject({ ok: false })
  },
)

it.each([
  ['client_credentials', 'none', 'may not use client_credentials'],
  ['refresh_token', 'none', 'taken'],
  ['client_credentials', 'client_secret', 'taken'],
] as const)('the grant %s of a client that shows %s: %s', async (grant, authentication, says) => {
  const grantTypes = ['refresh_token', grant]
  const wanted = { id: randomId(), authentication, grantTypes, access: [], dpopRequired: false }
  const added = await addClient(wanted, deps)
  expect(added.ok ? 'taken' : added.refusal.sentence).toContain(says)
})

describe('a resource', () => {
  const rows: readonly (NewResource & { readonly says: string })[] = [
    { audience: 'api', scope: '', says: 'absolute URI' },
    { audience: 'https://api.example#part', scope: '', says: 'absolute URI' },
    ...['https://api.example ', 'https://ap\ti.example', 'https://api.example/\u001b[2J'].map(
      (audience) => ({ audience, scope: '', says: 'absolute URI' }),
    ),
    { audience: `https://api.example/${'a'.repeat(2_048)}`, scope: '', says: 'absolute URI' },
    { audience: 'https://api.example', scope: 'a  b', says: 'single spaces' },
    { audience: 'https://api.example', scope: '', tokenAlg: 'none', says: 'signs no tokens' },
    ...[0, -1, 1.5, 86_401, Number.NaN].map((tokenTtlSeconds) => ({
      audience: 'https://api.example',
      scope: '',
      tokenTtlSeconds,
      says: 'whole number of seconds',
    })),
    {
      audience: 'https://api.example',
      scope: '',
      encryption: { source: 'managed', alg: 'ECDH-ES', enc: 'A128CBC-HS256' },
      says: 'name A256GCM, A192GCM, A128GCM',
    },
    {
      audience: 'https://api.example',
      scope: '',
      encryption: { source: 'managed', alg: 'RSA-OAEP-256', enc: 'A256GCM', curve: 'P-256' },
      says: 'has no curve',
    },
    { audience: 'https://api.example', scope: '', clientId: 'nobody', says: 'no client nobody' },
  ]
  it.each(rows)('$audience with $scope for $tokenTtlSeconds is refused: $says', async (row) => {
    const added = await addResource(row, deps)
    expect(added.ok ? undefined : added.refusal.sentence).toContain(row.says)
    expect(await deps.store.resources.list()).toEqual([])
  })
})
