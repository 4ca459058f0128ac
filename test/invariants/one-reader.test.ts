import { encryptJwt, generateKey, publicKeyOf, signJwt } from '@countersign/jwt'
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { api } from '../oauth/service.ts'
import { startWorld, type World } from './readers.ts'

interface Row {
  readonly name: string
  readonly token: (world: World) => string | Promise<string>
  /** The verdict of every reader. */
  readonly says: string
  /** The verdict of the guard of an API, where its leeway makes another one. */
  readonly guardSays?: string
}

const stranger = generateKey('ES256', { kid: 'of-a-stranger' })
const payloadOf = (signed: string): object =>
  JSON.parse(Buffer.from(signed.split('.')[1] ?? '', 'base64url').toString())
const kidOf = (token: string): string =>
  JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()).kid
const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
/** Changes the signature, or the text of an envelope. */
const bend = (token: string): string => {
  const parts = token.split('.')
  const at = parts.length === 5 ? 3 : 2
  const text = parts[at] ?? ''
  parts[at] = (text.startsWith('A') ? 'B' : 'A') + text.slice(1)
  return parts.join('.')
}

/** Units: seconds before now. */
const timesAgo = ({ service }: World, iat: number, exp: number) => {
  const now = Math.floor(service.now())
  return { iat: now - iat, exp: now - exp }
}

const rows: readonly Row[] = [
  { name: 'as it was issued', token: ({ issue }) => issue(), says: 'live' },
  { name: 'signed as the service signs', token: async (w) => w.seal(await w.sign()), says: 'live' },
  {
    name: 'expired',
    token: async (w) => w.seal(await w.sign({ exp: w.service.now() - 3600 })),
    says: 'expired',
  },
  {
    name: 'expired for less than the leeway of a guard elsewhere',
    token: async (w) => w.seal(await w.sign(timesAgo(w, 300, 4))),
    says: 'expired',
    guardSays: 'live',
  },
  {
    name: 'issued in the future',
    token: async (w) => w.seal(await w.sign({ iat: w.service.now() + 120 })),
    says: 'issued_in_future',
  },
  {
    name: 'an ID token',
    token: async (w) => w.seal(await w.sign({}, 'JWT')),
    says: 'typ_mismatch',
  },
  {
    name: 'of another issuer that signs with this key',
    token: async (w) => w.seal(await w.sign({ iss: 'https://other.test' })),
    says: 'issuer_mismatch',
  },
  {
    name: 'for nobody that is known here',
    token: async (w) => w.seal(await w.sign({ aud: 'https://unknown.test' })),
    says: 'audience_mismatch',
  },
  {
    name: 'for two audiences',
    token: async (w) => w.seal(await w.sign({ aud: [w.audience, 'https://unknown.test'] })),
    says: 'audience_mismatch',
  },
  {
    name: 'without a client',
    token: async (w) => w.seal(await w.sign({ client_id: undefined })),
    says: 'claim_missing',
  },
  {
    name: 'bound to a key in a way that nobody can check',
    token: async (w) => w.seal(await w.sign({ cnf: { 'x5t#S256': 'x' } })),
    says: 'binding_unsupported',
  },
  {
    name: 'signed by a stranger',
    token: async (w) => w.seal(signJwt(payloadOf(await w.sign()), stranger, { typ: 'at+jwt' })),
    says: 'key_unknown',
  },
  {
    name: 'signed by a stranger under a key id of this issuer',
    token: async (w) => {
      const signed = await w.sign()
      const imitation = generateKey('ES256', { kid: kidOf(signed) })
      return w.seal(signJwt(payloadOf(signed), imitation, { typ: 'at+jwt' }))
    },
    says: 'signature_invalid',
  },
]

const plainRows: readonly Row[] = [
  ...rows,
  {
    name: 'without a signature',
    token: async (w) =>
      `${part({ alg: 'none', typ: 'at+jwt' })}.${part(payloadOf(await w.sign()))}.`,
    says: 'algorithm_not_allowed',
  },
  {
    name: 'with a bent signature',
    token: async (w) => bend(await w.issue()),
    says: 'signature_invalid',
  },
  { name: 'that is no token', token: () => 'not-a-token', says: 'malformed' },
  {
    name: 'encrypted to a key that nobody here has',
    token: async (w) => encryptJwt(await w.sign(), publicKeyOf(generateKey('ECDH-ES'))),
    says: 'decryption_failed',
  },
]

const encryptedRows: readonly Row[] = [
  ...rows,
  {
    name: 'that is only the signed content of one',
    token: async (w) => w.unseal(await w.issue()),
    says: 'plain_token',
  },
  {
    name: 'whose content is for another audience',
    token: async (w) => w.seal(await w.sign({ aud: api })),
    says: 'audience_mismatch',
  },
  {
    name: 'in a bent envelope',
    token: async (w) => bend(await w.issue()),
    says: 'decryption_failed',
  },
  {
    name: 'encrypted to a key that nobody here has',
    token: async (w) => encryptJwt(await w.sign(), publicKeyOf(generateKey('ECDH-ES'))),
    says: 'decryption_failed',
  },
  { name: 'that is no token', token: () => 'not-a-token', says: 'malformed' },
]

interface Death {
  readonly name: string
  readonly kill: (world: World, token: string, signed: string) => Promise<void>
  /** The status in the list afterwards. A list knows of clients and sessions, not of single tokens and keys. */
  readonly status: 0 | 1
  readonly needsEnvelope?: boolean
}

const deaths: readonly Death[] = [
  { name: 'that its client revoked', kill: (w, token) => w.revokeAsOwner(token), status: 0 },
  { name: 'whose client was revoked', kill: (w) => w.revokeOwner(), status: 1 },
  {
    name: 'whose signing key was burnt',
    kill: (w, _, signed) => w.service.burn(kidOf(signed)),
    status: 0,
  },
  {
    name: 'whose encryption key was burnt',
    kill: (w, token) => w.service.burn(kidOf(token)),
    status: 0,
    needsEnvelope: true,
  },
]

describe.each([
  { kind: 'signed', isEncrypted: false, table: plainRows },
  { kind: 'signed and encrypted', isEncrypted: true, table: encryptedRows },
])('where tokens are $kind, all readers agree about a token', ({ isEncrypted, table }) => {
  let world: World
  beforeAll(async () => {
    world = await startWorld(isEncrypted)
  }, 30_000)
  afterAll(() => world.close())

  it.each(table)('$name: $says', async ({ token, says, guardSays = says }) => {
    const verdicts = { ...world.all(says), guard: guardSays }
    expect(await world.ask(await token(world))).toEqual(verdicts)
  })

  it.runIf(!isEncrypted)('that was issued before its resource began to encrypt', async () => {
    const own = await startWorld(false)
    onTestFinished(() => own.close())
    const token = await own.issue()
    for (let count = 0; count < 3; count += 1) await own.ask(token)
    await own.startEncrypting()
    await vi.waitFor(async () =>
      // The guard of the API was given no key, so it does not know yet.
      expect(await own.ask(token)).toEqual({ ...own.all('plain_token'), guard: 'live' }),
    )
    const sealed = await own.issue()
    expect(await own.ask(sealed)).toEqual(own.all('decryption_failed'))
  })

  it('that is seen again and again', async () => {
    const token = await world.issue()
    for (let count = 0; count < 3; count += 1)
      expect(await world.ask(token)).toEqual(world.all('live'))
  })

  it.each(deaths.filter(({ needsEnvelope }) => isEncrypted || needsEnvelope !== true))(
    '$name: revoked, although every reader had cached it',
    async ({ kill, status }) => {
      const token = await world.issue()
      const signed = await world.unseal(token)
      for (let count = 0; count < 3; count += 1) await world.ask(token)
      expect(await world.ask(token)).toEqual(world.all('live'))
      expect(await world.status(signed)).toBe(0)
      await kill(world, token, signed)
      await vi.waitFor(async () => {
        expect(await world.ask(token)).toEqual(world.all('revoked'))
        expect(await world.status(signed)).toBe(status)
        expect(await world.ask(await world.issue())).toEqual(world.all('live'))
      }, 20_000)
    },
    30_000,
  )
})
