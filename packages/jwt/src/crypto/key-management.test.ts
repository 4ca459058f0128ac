import { Buffer } from 'node:buffer'
import { createSecretKey, generateKeyPairSync, randomBytes, type KeyObject } from 'node:crypto'
import { expect, test } from 'vitest'

import { contentCiphers } from './content-encryption.ts'
import { generateEphemeral } from './key-agreement.ts'
import {
  isJweKeyAlgorithm,
  keyManagements,
  openOaep,
  systemRandomness,
  type KeyManagement,
} from './key-management.ts'

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const cipher = contentCiphers['A256GCM']

function pairFor(row: KeyManagement): { mine: KeyObject; theirs: KeyObject } {
  if (row.takes === 'rsa') return { mine: rsa.privateKey, theirs: rsa.publicKey }
  if (row.takes === 'agreement') {
    const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    return { mine: pair.privateKey, theirs: pair.publicKey }
  }
  const secret = createSecretKey(randomBytes(row.secretBytes ?? cipher.cekBytes))
  return { mine: secret, theirs: secret }
}

function wrapped(row: KeyManagement) {
  const { mine, theirs } = pairFor(row)
  const made = row.wrap({ key: theirs, cipher, random: systemRandomness, header: {} })
  const header: Record<string, unknown> = { ...made.header }
  return { key: mine, cipher, encryptedKey: made.encryptedKey, header, cek: made.cek }
}

const rows = Object.values(keyManagements)

test.for(rows)('$alg gives back the content key that it wrapped', (row) => {
  const made = wrapped(row)
  expect(row.unwrap(made)).toEqual(made.cek)
})

test.for(rows)('C09 $alg refuses a stray, short or long encrypted key', (row) => {
  const made = wrapped(row)
  const hostile = [
    Buffer.concat([made.encryptedKey, Buffer.alloc(1)]),
    Buffer.concat([made.encryptedKey, Buffer.alloc(8)]),
    ...(made.encryptedKey.length === 0
      ? []
      : [Buffer.alloc(0), made.encryptedKey.subarray(1), made.encryptedKey.subarray(8)]),
  ]
  for (const encryptedKey of hostile) expect(row.unwrap({ ...made, encryptedKey })).toBeUndefined()
})

test.for(rows)('C09 $alg gives no content key of another size than enc asks for', (row) => {
  const made = wrapped(row)
  const other = contentCiphers['A128GCM']
  const got = row.unwrap({ ...made, cipher: other })
  // A directly agreed key is derived for one enc, so another enc gives another key.
  expect(got?.length).toBe(row.alg === 'ECDH-ES' ? other.cekBytes : undefined)
})

test.for(rows.filter(({ takes }) => takes !== 'agreement'))(
  '$alg refuses a content key that another key wrapped',
  (row) => {
    if (row.alg === 'dir') return
    const made = wrapped(row)
    const stranger =
      row.takes === 'rsa'
        ? generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
        : pairFor(row).mine
    expect(row.unwrap({ ...made, key: stranger })).toBeUndefined()
  },
)

const gcmWraps = rows.filter(({ alg }) => alg.endsWith('GCMKW'))

test.for(gcmWraps)('C15 $alg wants an iv of 12 and a tag of 16 bytes in the header', (row) => {
  const made = wrapped(row)
  const text = (count: number): string => Buffer.alloc(count, 7).toString('base64url')
  const { iv, tag } = made.header
  const hostile: readonly Record<string, unknown>[] = [
    { tag },
    { iv },
    { iv: null, tag },
    { iv, tag: 7 },
    { iv: [iv], tag },
    { iv: text(11), tag },
    { iv: text(13), tag },
    { iv, tag: text(15) },
    { iv, tag: text(17) },
    { iv, tag: '' },
    { iv: `${String(iv)}=`, tag },
    { iv, tag: text(16) },
  ]
  for (const header of hostile) expect(row.unwrap({ ...made, header })).toBeUndefined()
})

const agreements = rows.filter(({ takes }) => takes === 'agreement')

test.for(agreements)('$alg binds the names of both parties into the key', (row) => {
  const { mine, theirs } = pairFor(row)
  const header = { apu: 'QWxpY2U', apv: 'Qm9i' }
  const made = row.wrap({ key: theirs, cipher, random: systemRandomness, header })
  const open = (given: Record<string, unknown>) =>
    row.unwrap({ key: mine, cipher, encryptedKey: made.encryptedKey, header: given })
  expect(open({ ...header, ...made.header })).toEqual(made.cek)
  expect(open({ ...made.header })).not.toEqual(made.cek)
  expect(open({ ...header, ...made.header, apu: 'RXZl' })).not.toEqual(made.cek)
  for (const bad of [7, null, ['QWxpY2U'], 'QWxpY2U=', 'Q W']) {
    expect(open({ ...header, ...made.header, apu: bad })).toBeUndefined()
    expect(open({ ...header, ...made.header, apv: bad })).toBeUndefined()
  }
})

test.for(agreements)(
  'C04 $alg refuses a token without a point, or with one of another curve',
  (row) => {
    const made = wrapped(row)
    const elsewhere = generateKeyPairSync('ec', { namedCurve: 'P-384' }).publicKey
    for (const epk of [undefined, null, elsewhere.export({ format: 'jwk' })]) {
      expect(row.unwrap({ ...made, header: { epk } })).toBeUndefined()
    }
  },
)

test('a recipient without an agreement curve, or bad names of parties, throw', () => {
  const row = keyManagements['ECDH-ES']
  const random = systemRandomness
  const header = {}
  expect(() => row.wrap({ key: rsa.publicKey, cipher, random, header })).toThrow(TypeError)
  const key = generateEphemeral('X25519')
  for (const bad of [{ apu: 'a=' }, { apv: '?' }]) {
    expect(() => row.wrap({ key, cipher, random, header: bad })).toThrow(TypeError)
  }
})

test('C07 an RSA ciphertext must be as long as the modulus, and an EC key opens none', () => {
  const sealed = wrapped(keyManagements['RSA-OAEP-256']).encryptedKey
  expect(openOaep(rsa.privateKey, 'sha256', sealed)).toHaveLength(cipher.cekBytes)
  expect(openOaep(rsa.privateKey, 'sha256', sealed.subarray(1))).toBeUndefined()
  expect(openOaep(rsa.privateKey, 'sha384', sealed)).toBeUndefined()
  expect(openOaep(generateEphemeral('P-256'), 'sha256', sealed)).toBeUndefined()
})

test.for([
  { name: 'dir', known: true },
  { name: 'ECDH-ES+A256KW', known: true },
  { name: 'RSA-OAEP-512', known: true },
  { name: 'RSA1_5', known: false },
  { name: 'RSA-OAEP', known: false },
  { name: 'PBES2-HS256+A128KW', known: false },
  { name: 'toString', known: false },
  { name: null, known: false },
])('$name is a key management algorithm: $known', ({ name, known }) => {
  expect(isJweKeyAlgorithm(name)).toBe(known)
})
