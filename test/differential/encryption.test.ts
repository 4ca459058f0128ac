import { randomBytes, randomInt } from 'node:crypto'

import {
  decryptJwe,
  encryptJwe,
  exportJwk,
  generateKey,
  publicKeyOf,
  type ContentEncryption,
  type JweKeyAlgorithm,
  type Key,
} from '@countersign/jwt'
import { CompactEncrypt, compactDecrypt, importJWK } from 'jose'
import { expect, test } from 'vitest'

const encryptions = {
  A128GCM: 128,
  A192GCM: 192,
  A256GCM: 256,
  'A128CBC-HS256': 256,
  'A192CBC-HS384': 384,
  'A256CBC-HS512': 512,
} as const satisfies Record<ContentEncryption, number>

const curves = ['P-256', 'P-384', 'P-521', 'X25519'] as const
const anyCurve = [undefined] as const

const algorithms = {
  dir: anyCurve,
  A128KW: anyCurve,
  A192KW: anyCurve,
  A256KW: anyCurve,
  A128GCMKW: anyCurve,
  A192GCMKW: anyCurve,
  A256GCMKW: anyCurve,
  'ECDH-ES': curves,
  'ECDH-ES+A128KW': curves,
  'ECDH-ES+A192KW': curves,
  'ECDH-ES+A256KW': curves,
  'RSA-OAEP-256': anyCurve,
  'RSA-OAEP-384': anyCurve,
  'RSA-OAEP-512': anyCurve,
} as const satisfies Record<JweKeyAlgorithm, readonly unknown[]>

interface Pair {
  readonly alg: JweKeyAlgorithm
  readonly enc: ContentEncryption
  readonly curve: (typeof curves)[number] | undefined
}

const names = Object.keys(encryptions).filter((enc): enc is ContentEncryption => enc in encryptions)
const pairs: readonly Pair[] = Object.keys(algorithms)
  .filter((alg): alg is JweKeyAlgorithm => alg in algorithms)
  .flatMap((alg) => algorithms[alg].flatMap((curve) => names.map((enc) => ({ alg, enc, curve }))))

const rsaKeys = new Map<string, Key>()

function keyFor({ alg, enc, curve }: Pair, which = 'mine'): Key {
  if (alg === 'dir') return generateKey(alg, { bits: encryptions[enc] })
  if (curve !== undefined) return generateKey(alg, { curve })
  if (!alg.startsWith('RSA')) return generateKey(alg)
  const key = rsaKeys.get(which + alg) ?? generateKey(alg)
  rsaKeys.set(which + alg, key)
  return key
}

/** The key in the form of jose, where `dir` keys carry the name of their enc. */
async function theirs(key: Key, { alg, enc }: Pair, half: 'private' | 'public') {
  const jwk = exportJwk(key, { private: half === 'private' || key.kind === 'secret' })
  return importJWK({ ...jwk, alg: alg === 'dir' ? enc : alg }, alg === 'dir' ? enc : alg)
}

const recipient = (key: Key): Key => (key.kind === 'secret' ? key : publicKeyOf(key))

/** Changes one letter. The last letter of a part stays where jose would ignore its spare bits. */
function flipped(token: string, { lastLetters }: { lastLetters: boolean }): string {
  const places = Array.from(token, (_letter, at) => at).filter(
    (at) => token[at] !== '.' && (lastLetters || (token[at + 1] ?? '.') !== '.'),
  )
  const at = places[randomInt(places.length)] ?? 0
  return token.slice(0, at) + (token[at] === 'A' ? 'B' : 'A') + token.slice(at + 1)
}

test.for(pairs)('$alg with $enc $curve: jose opens ours', async (pair) => {
  const key = keyFor(pair)
  const other =
    pair.alg === 'dir'
      ? keyFor(pair)
      : generateKey(pair.alg, pair.curve ? { curve: pair.curve } : {})
  const [good, wrong] = [await theirs(key, pair, 'private'), await theirs(other, pair, 'private')]
  for (let round = 0; round < 3; round += 1) {
    const payload = randomBytes(randomInt(300))
    const token = encryptJwe(payload, recipient(key), { enc: pair.enc })
    const opened = await compactDecrypt(token, good)
    expect(Buffer.from(opened.plaintext)).toEqual(payload)
    expect(await refuses(compactDecrypt(token, wrong))).toBe(true)
    const broken = flipped(token, { lastLetters: false })
    expect(await refuses(compactDecrypt(broken, good))).toBe(true)
    expect(decryptJwe(broken, policyFor(key, pair)).ok).toBe(false)
  }
})

test.for(pairs)('$alg with $enc $curve: we open those of jose', async (pair) => {
  const key = keyFor(pair)
  const other =
    pair.alg === 'dir'
      ? keyFor(pair)
      : generateKey(pair.alg, pair.curve ? { curve: pair.curve } : {})
  const material = await theirs(key, pair, 'public')
  for (let round = 0; round < 3; round += 1) {
    const payload = randomBytes(randomInt(300))
    const token = await new CompactEncrypt(payload)
      .setProtectedHeader({ alg: pair.alg, enc: pair.enc })
      .encrypt(material)
    const opened = decryptJwe(token, policyFor(key, pair))
    expect(opened.ok && Buffer.from(opened.value.payload)).toEqual(payload)
    expect(decryptJwe(token, policyFor(other, pair)).ok).toBe(false)
    expect(decryptJwe(flipped(token, { lastLetters: true }), policyFor(key, pair)).ok).toBe(false)
  }
})

function policyFor(key: Key, { alg, enc }: Pair) {
  return { keys: key, algorithms: [alg], encryptions: [enc] } as const
}

async function refuses(attempt: Promise<unknown>): Promise<boolean> {
  try {
    await attempt
    return false
  } catch {
    return true
  }
}
