import { Buffer } from 'node:buffer'
import fc from 'fast-check'
import { expect, test } from 'vitest'

import { contentCiphers, type ContentEncryption } from '../crypto/content-encryption.ts'
import { keyManagements, type JweKeyAlgorithm } from '../crypto/key-management.ts'
import { exportJwk, publicKeyOf } from '../jwk/export-jwk.ts'
import { generateKey } from '../jwk/generate-key.ts'
import { importKey } from '../jwk/import-key.ts'
import { createKeySet, keySetOf } from '../jwk/key-set.ts'
import type { Key } from '../jwk/key.ts'
import { createDecrypter, decryptJwe, decryptJwt, type DecryptPolicy } from './decrypt.ts'
import { encryptJwe, encryptJwt } from './encrypt.ts'
import { jweRefusalReasons, type JweRefusal } from './refusal.ts'

const algorithms = Object.values(keyManagements).map(({ alg }) => alg)
const encryptions = Object.values(contentCiphers).map(({ enc }) => enc)
const signed = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhZGEifQ.c2lnbmF0dXJl'

const sizes = new Map([
  [16, 128],
  [24, 192],
  [32, 256],
  [48, 384],
  [64, 512],
] as const)

const rsaKeys = new Map<JweKeyAlgorithm, Key>()

function keyFor(alg: JweKeyAlgorithm, enc: ContentEncryption): Key {
  if (alg.startsWith('RSA')) {
    const known = rsaKeys.get(alg) ?? generateKey(alg)
    rsaKeys.set(alg, known)
    return known
  }
  if (alg !== 'dir') return generateKey(alg)
  const bits = [...sizes].find(([bytes]) => bytes === contentCiphers[enc].cekBytes)?.[1] ?? 256
  return generateKey('dir', { bits })
}

const recipient = (key: Key): Key => (key.kind === 'secret' ? key : publicKeyOf(key))

const mine = generateKey('A256KW')
const policy: DecryptPolicy = { keys: mine, algorithms: ['A256KW'], encryptions: ['A256GCM'] }
const good = encryptJwt(signed, mine)

const textOf = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
const withHeader = (header: unknown, token = good): string =>
  [textOf(header), ...token.split('.').slice(1)].join('.')
const header = { alg: 'A256KW', enc: 'A256GCM', kid: mine.kid, cty: 'JWT' }

test.for(algorithms.flatMap((alg) => encryptions.map((enc) => ({ alg, enc }))))(
  '$alg with $enc opens what it wrapped',
  ({ alg, enc }) => {
    const key = keyFor(alg, enc)
    const token = encryptJwt(signed, recipient(key), { enc })
    const opened = decryptJwt(token, { keys: key, algorithms: [alg], encryptions: [enc] })
    expect(opened).toEqual({ ok: true, value: signed })
  },
)

test.for(['P-256', 'P-384', 'P-521', 'X25519'] as const)('ECDH-ES works over %s', (curve) => {
  const key = generateKey('ECDH-ES+A128KW', { curve })
  const token = encryptJwt(signed, publicKeyOf(key), { apu: 'QWxpY2U', apv: 'Qm9i' })
  const given = { keys: [key], algorithms: ['ECDH-ES+A128KW'], encryptions: ['A256GCM'] } as const
  expect(decryptJwt(token, given)).toEqual({ ok: true, value: signed })
})

const raw = (payload: string, options = {}): string =>
  encryptJwe(Buffer.from(payload), mine, { cty: 'JWT', ...options })

const parts = good.split('.')
const replaced = (at: number, text: string): string =>
  parts.map((part, index) => (index === at ? text : part)).join('.')

const otherKey = generateKey('A256KW', mine.kid === undefined ? {} : { kid: mine.kid })

const refusals: readonly {
  name: string
  token: string
  reason: JweRefusal['reason']
  given?: Partial<DecryptPolicy>
}[] = [
  {
    name: 'a token over the limit',
    token: good,
    given: { tokenBytesMax: 100 },
    reason: 'too_large',
  },
  { name: 'nothing', token: '', reason: 'malformed' },
  { name: 'a signed token', token: signed, reason: 'malformed' },
  { name: 'four parts', token: parts.slice(0, 4).join('.'), reason: 'malformed' },
  { name: 'six parts', token: `${good}.`, reason: 'malformed' },
  { name: 'a leading dot', token: `.${good}`, reason: 'malformed' },
  { name: 'five parts without a header', token: '.a.b.c.d', reason: 'malformed' },
  { name: 'a million dots', token: '.'.repeat(16_000), reason: 'malformed' },
  { name: 'C12 the flattened JSON form', token: '{"protected":"e30"}', reason: 'malformed' },
  { name: 'C12 the general JSON form', token: '{"recipients":[]}', reason: 'malformed' },
  { name: 'a header with padding', token: replaced(0, `${parts[0]}=`), reason: 'malformed' },
  { name: 'a header that is a list', token: withHeader([header]), reason: 'malformed' },
  { name: 'a header that is text', token: withHeader('A256KW'), reason: 'malformed' },
  { name: 'C12 no enc', token: withHeader({ ...header, enc: undefined }), reason: 'malformed' },
  { name: 'no alg', token: withHeader({ ...header, alg: undefined }), reason: 'malformed' },
  {
    name: 'an alg in a list',
    token: withHeader({ ...header, alg: ['A256KW'] }),
    reason: 'malformed',
  },
  { name: 'a kid of a wrong type', token: withHeader({ ...header, kid: 7 }), reason: 'malformed' },
  {
    name: 'a cty of a wrong type',
    token: withHeader({ ...header, cty: ['JWT'] }),
    reason: 'malformed',
  },
  {
    name: 'C12 alg twice',
    token: replaced(
      0,
      Buffer.from('{"alg":"dir","alg":"A256KW","enc":"A256GCM","cty":"JWT"}').toString('base64url'),
    ),
    reason: 'malformed',
  },
  { name: 'an encrypted key with a space', token: replaced(1, 'A A'), reason: 'malformed' },
  { name: 'an iv with padding', token: replaced(2, `${parts[2]}==`), reason: 'malformed' },
  { name: 'a ciphertext of base64', token: replaced(3, 'a+/b'), reason: 'malformed' },
  { name: 'a tag with a line feed', token: `${good}\n`, reason: 'malformed' },
  { name: 'crit', token: withHeader({ ...header, crit: ['exp'] }), reason: 'header_unsupported' },
  {
    name: 'an empty crit',
    token: withHeader({ ...header, crit: [] }),
    reason: 'header_unsupported',
  },
  { name: 'b64', token: withHeader({ ...header, b64: true }), reason: 'header_unsupported' },
  { name: 'C03 zip', token: withHeader({ ...header, zip: 'DEF' }), reason: 'header_unsupported' },
  {
    name: 'C03 zip of null',
    token: withHeader({ ...header, zip: null }),
    reason: 'header_unsupported',
  },
  {
    name: 'alg none',
    token: withHeader({ ...header, alg: 'none' }),
    reason: 'algorithm_not_allowed',
  },
  {
    name: 'an alg of JWS',
    token: withHeader({ ...header, alg: 'HS256' }),
    reason: 'algorithm_not_allowed',
  },
  {
    name: 'an alg in small letters',
    token: withHeader({ ...header, alg: 'a256kw' }),
    reason: 'algorithm_not_allowed',
  },
  {
    name: 'C07 RSA1_5',
    token: withHeader({ ...header, alg: 'RSA1_5' }),
    reason: 'algorithm_not_allowed',
  },
  {
    name: 'C16 an alg that is not listed',
    token: withHeader({ ...header, alg: 'dir' }),
    reason: 'algorithm_not_allowed',
  },
  {
    name: 'C16 an enc that is not listed',
    token: withHeader({ ...header, enc: 'A128GCM' }),
    reason: 'encryption_not_allowed',
  },
  {
    name: 'an enc that does not exist',
    token: withHeader({ ...header, enc: 'A256CTR' }),
    reason: 'encryption_not_allowed',
  },
  {
    name: 'no cty',
    token: withHeader({ ...header, cty: undefined }),
    reason: 'content_type_mismatch',
  },
  {
    name: 'another cty',
    token: withHeader({ ...header, cty: 'JWT2' }),
    reason: 'content_type_mismatch',
  },
  {
    name: 'a kid that is not ours',
    token: withHeader({ ...header, kid: 'x' }),
    reason: 'key_unknown',
  },
  {
    name: 'a kid from the prototype',
    token: withHeader({ ...header, kid: '__proto__' }),
    reason: 'key_unknown',
  },
  {
    name: 'a token that was sealed to another key',
    token: encryptJwt(signed, otherKey),
    reason: 'decryption_failed',
  },
  {
    name: 'a header that was changed',
    token: withHeader({ ...header, typ: 'x' }),
    reason: 'decryption_failed',
  },
  { name: 'C09 no encrypted key', token: replaced(1, ''), reason: 'decryption_failed' },
  { name: 'C05 no tag', token: replaced(4, ''), reason: 'decryption_failed' },
  {
    name: 'C05 a tag of 15 bytes',
    token: replaced(4, Buffer.alloc(15).toString('base64url')),
    reason: 'decryption_failed',
  },
  {
    name: 'C05 a tag of 17 bytes',
    token: replaced(4, Buffer.alloc(17).toString('base64url')),
    reason: 'decryption_failed',
  },
  {
    name: 'C05 an iv of 16 bytes',
    token: replaced(2, Buffer.alloc(16).toString('base64url')),
    reason: 'decryption_failed',
  },
  { name: 'no ciphertext', token: replaced(3, ''), reason: 'decryption_failed' },
  {
    name: 'C01 claims that nobody signed',
    token: raw('{"sub":"root"}'),
    reason: 'payload_not_signed',
  },
  {
    name: 'C01 an unsigned token',
    token: raw('eyJhbGciOiJub25lIn0.e30.'),
    reason: 'payload_not_signed',
  },
  { name: 'C01 two parts', token: raw('eyJhbGciOiJub25lIn0.e30'), reason: 'payload_not_signed' },
  { name: 'nothing inside', token: raw(''), reason: 'payload_not_signed' },
  { name: 'B24 an encrypted token inside', token: raw(good), reason: 'nesting_too_deep' },
]

test.for(refusals)('$name is refused as $reason', ({ token, given, reason }) => {
  const opened = decryptJwt(token, { ...policy, ...given })
  expect(opened.ok ? undefined : opened.refusal.reason).toBe(reason)
})

test('every reason is provoked by a row', () => {
  const provoked = new Set(refusals.map(({ reason }) => reason))
  expect([...provoked].toSorted()).toEqual([...jweRefusalReasons].toSorted())
})

test('no refusal carries anything of the token', () => {
  for (const { token, given } of refusals) {
    const opened = decryptJwt(token, { ...policy, ...given })
    const told = JSON.stringify(opened)
    for (const part of token.split('.').filter((text) => text.length > 8)) {
      expect(told).not.toContain(part)
    }
  }
})

test('a value that is no text is malformed', () => {
  for (const value of [undefined, null, 7, {}, [good]]) {
    const asked: { token: string } = Object.assign({ token: good }, { token: value })
    expect(decryptJwt(asked.token, policy)).toMatchObject({ refusal: { reason: 'malformed' } })
  }
})

test.for(['JWT', 'jwt', 'application/jwt', 'Application/JWT'])('cty may be %s', (cty) => {
  expect(decryptJwt(raw(signed, { cty }), policy)).toEqual({ ok: true, value: signed })
})

test.for([2_147_483_647, 1e9, 1e308, '4096', 0, -1, 1.5])(
  'C02 PBES2 with p2c %s is refused before any work',
  (p2c) => {
    const token = withHeader({
      alg: 'PBES2-HS256+A128KW',
      enc: 'A256GCM',
      cty: 'JWT',
      p2c,
      p2s: 'AA',
    })
    const opened = decryptJwt(token, policy)
    expect(opened).toMatchObject({ ok: false, refusal: { reason: 'algorithm_not_allowed' } })
  },
)

test('C03 a bomb is not inflated: the token is refused by its header alone', () => {
  const token = withHeader({ ...header, zip: 'DEF' })
  expect(decryptJwe(token, policy)).toMatchObject({
    refusal: { reason: 'header_unsupported', member: 'zip' },
  })
})

test.for(['RSA-OAEP-256', 'A256KW', 'A256GCMKW', 'ECDH-ES+A256KW'] as const)(
  'C07 under %s a broken encrypted key, a missing one and a wrong tag give the same refusal',
  (alg) => {
    const key = keyFor(alg, 'A256GCM')
    const given = { keys: key, algorithms: [alg], encryptions: ['A256GCM'] } as const
    const whole = encryptJwt(signed, recipient(key)).split('.')
    const spoiled = [1, 2, 3, 4].flatMap((at) =>
      ['', `${whole[at]?.startsWith('A') ? 'B' : 'A'}${whole[at]?.slice(1)}`].map((text) =>
        whole.map((part, index) => (index === at ? text : part)).join('.'),
      ),
    )
    for (const token of spoiled) {
      expect(decryptJwt(token, given)).toEqual({
        ok: false,
        refusal: { reason: 'decryption_failed' },
      })
    }
  },
)

test('C14 a decrypter throws for a key that signs, is public, or is of no listed algorithm', () => {
  const rsa = generateKey('RSA-OAEP-256')
  const wrong: readonly { keys: DecryptPolicy['keys']; says: string }[] = [
    { keys: generateKey('RS256'), says: 'signs' },
    { keys: generateKey('HS256'), says: 'signs' },
    { keys: publicKeyOf(rsa), says: 'public' },
    { keys: rsa, says: 'of no listed algorithm' },
    { keys: [], says: 'needs a key' },
    { keys: [mine, generateKey('ES256')], says: 'signs' },
  ]
  for (const { keys, says } of wrong) {
    expect(() => createDecrypter({ ...policy, keys })).toThrow(says)
  }
})

test('C14 no member of a signing JWK makes it a decryption key', () => {
  const jwk = { ...exportJwk(generateKey('RSA-OAEP-256'), { private: true }) }
  const { alg: _alg, use: _use, key_ops: _ops, ...bare } = jwk
  for (const label of [
    { use: 'sig' },
    { key_ops: ['sign'] },
    { alg: 'RS256' },
    { alg: 'RSA-OAEP-384' },
  ]) {
    expect(importKey({ ...bare, ...label }, { alg: 'RSA-OAEP-256' }).ok).toBe(false)
  }
})

test.for([
  { name: 'no algorithm', given: { algorithms: [] } },
  { name: 'no content encryption', given: { encryptions: [] } },
  { name: 'no limit at all', given: { tokenBytesMax: Number.POSITIVE_INFINITY } },
  { name: 'a limit of nothing', given: { tokenBytesMax: 0 } },
] satisfies { name: string; given: Partial<DecryptPolicy> }[])(
  'a policy with $name throws',
  ({ given }) => {
    expect(() => createDecrypter({ ...policy, ...given })).toThrow(TypeError)
  },
)

test('a policy that names an unknown algorithm throws', () => {
  const names: readonly { [list: string]: unknown }[] = [
    { algorithms: ['RSA1_5'] },
    { encryptions: ['A512GCM'] },
  ]
  for (const list of names) {
    const given: DecryptPolicy = Object.assign({ ...policy }, list)
    expect(() => createDecrypter(given)).toThrow(TypeError)
  }
})

test('A40 a policy with a dir key that fits no listed enc throws at once', () => {
  const short = generateKey('dir', { bits: 128 })
  const given = { keys: short, algorithms: ['dir'], encryptions: ['A256GCM'] } as const
  expect(() => createDecrypter(given)).toThrow('16 bytes')
  expect(() => encryptJwt(signed, short)).toThrow('A256GCM needs a key of 32 bytes')
})

test('a dir key never opens a token whose enc needs another size', () => {
  const key = generateKey('dir', { bits: 256 })
  const given = { keys: key, algorithms: ['dir'], encryptions: ['A256GCM', 'A128GCM'] } as const
  const token = encryptJwt(signed, key)
  const changed = withHeader({ alg: 'dir', enc: 'A128GCM', kid: key.kid, cty: 'JWT' }, token)
  expect(decryptJwt(changed, given)).toMatchObject({ refusal: { reason: 'decryption_failed' } })
})

test('a set of keys is chosen from by kid and algorithm', () => {
  const keys = [generateKey('A256KW'), generateKey('A256KW'), generateKey('dir')]
  const given = {
    keys: keySetOf(keys),
    algorithms: ['A256KW', 'dir'],
    encryptions: ['A256GCM'],
  } as const
  const open = createDecrypter(given)
  for (const key of keys) expect(open(encryptJwt(signed, key))).toEqual({ ok: true, value: signed })
  const [first = mine] = keys
  const nameless = importKey(exportJwk(first, { private: true }), { alg: 'A256KW', kid: 'other' })
  if (!nameless.ok) throw new Error('the key was not read')
  expect(open(encryptJwt(signed, nameless.value))).toMatchObject({
    refusal: { reason: 'key_unknown' },
  })
})

test('a token without a kid is opened by the one key that fits, and is refused where two fit', () => {
  const token = encryptJwt(signed, importedNameless())
  const open = (keys: readonly Key[]) =>
    decryptJwt(token, { ...policy, keys, algorithms: ['A256KW', 'dir'] })
  expect(open([mine, generateKey('dir')])).toEqual({ ok: true, value: signed })
  expect(open([generateKey('A256KW'), mine])).toMatchObject({ refusal: { reason: 'key_unknown' } })
})

test('a published set holds no key that decrypts', () => {
  const jwk = exportJwk(generateKey('ECDH-ES'))
  const set = createKeySet({ keys: [jwk] })
  if (!set.ok) throw new Error('the set was not read')
  expect(() =>
    createDecrypter({ keys: set.value, algorithms: ['ECDH-ES'], encryptions: ['A256GCM'] }),
  ).toThrow('a public key does not decrypt')
})

test.for([
  { name: 'JSON', token: '{"sub":"ada"}' },
  { name: 'an unsigned token', token: 'aGVhZA.Ym9keQ.' },
  { name: 'an encrypted token', token: good },
])('encryptJwt does not wrap $name', ({ token }) => {
  expect(() => encryptJwt(token, mine)).toThrow(TypeError)
})

test('encrypting takes a key for encryption, a public one, and an enc that exists', () => {
  expect(() => encryptJwt(signed, generateKey('HS256'))).toThrow('does not encrypt')
  expect(() => encryptJwt(signed, generateKey('ECDH-ES'))).toThrow('public half')
  const enc: { enc: ContentEncryption } = Object.assign(
    { enc: 'A256GCM' as const },
    { enc: 'none' },
  )
  expect(() => encryptJwt(signed, mine, enc)).toThrow('does not exist')
})

test('decryptJwe gives bytes of any kind, and the header that was protected', () => {
  const bytes = Buffer.from([0, 255, 1, 254])
  const opened = decryptJwe(encryptJwe(bytes, mine, { typ: 'secret', kid: '' }), {
    ...policy,
    keys: [importedNameless()],
  })
  expect(opened).toMatchObject({ ok: true, value: { header: { typ: 'secret', enc: 'A256GCM' } } })
  expect(opened.ok && opened.value.payload).toEqual(bytes)
})

function importedNameless(): Key {
  const { kid: _kid, ...jwk } = exportJwk(mine, { private: true })
  const read = importKey(jwk, { alg: 'A256KW' })
  if (!read.ok) throw new Error('the key was not read')
  return read.value
}

test('any single character changed, added or dropped is refused', () => {
  const letters = 'ABCabc019-_.=+/ \n'.split('')
  expect(() =>
    fc.assert(
      fc.property(
        fc.nat(good.length - 1),
        fc.constantFrom(...letters),
        fc.constantFrom('change', 'insert', 'drop'),
        (at, letter, how) => {
          const tail = good.slice(how === 'insert' ? at : at + 1)
          const edited = good.slice(0, at) + (how === 'drop' ? '' : letter) + tail
          return edited === good || !decryptJwt(edited, policy).ok
        },
      ),
      { numRuns: 2000 },
    ),
  ).not.toThrow()
})

test('every signed token comes out unchanged', () => {
  const part = fc.stringMatching(/^[\w-]{1,40}$/u)
  expect(() =>
    fc.assert(
      fc.property(part, part, part, (a, b, c) => {
        const text = `${a}.${b}.${c}`
        const opened = decryptJwt(encryptJwt(text, mine), policy)
        return opened.ok && opened.value === text
      }),
    ),
  ).not.toThrow()
})

test('no text at all makes the opener throw', () => {
  const pieces = fc.array(fc.oneof(fc.string(), fc.constantFrom(...parts, textOf(header))), {
    minLength: 5,
    maxLength: 5,
  })
  expect(() =>
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          pieces.map((five) => five.join('.')),
        ),
        (text) => {
          const opened = decryptJwt(text, policy)
          return !opened.ok || opened.value === signed
        },
      ),
      { numRuns: 2000 },
    ),
  ).not.toThrow()
})

test('no header that a peer may write makes the opener throw', () => {
  const members = fc.record(
    {
      alg: fc.constantFrom(...algorithms),
      enc: fc.constantFrom(...encryptions),
      cty: fc.constant('JWT'),
      epk: fc.jsonValue(),
      apu: fc.jsonValue(),
      apv: fc.jsonValue(),
      iv: fc.jsonValue(),
      tag: fc.jsonValue(),
    },
    { requiredKeys: ['alg', 'enc', 'cty'] },
  )
  const keys = keySetOf(algorithms.map((alg) => generateKey(alg, { kid: alg })))
  const open = createDecrypter({ keys, algorithms, encryptions })
  expect(() =>
    fc.assert(
      fc.property(members, (written) => {
        const opened = open(withHeader({ ...written, kid: written.alg }))
        return !opened.ok
      }),
      { numRuns: 300 },
    ),
  ).not.toThrow()
})
