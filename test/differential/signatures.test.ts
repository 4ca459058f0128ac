import { randomBytes, randomInt } from 'node:crypto'

import {
  exportJwk,
  generateKey,
  publicKeyOf,
  signJws,
  verifyJws,
  type JwsAlgorithm,
  type Key,
} from '@countersign/jwt'
import { CompactSign, compactVerify, importJWK } from 'jose'
import { expect, test } from 'vitest'

// The algorithms that jose has too; it lacks Ed448.
const algorithms: readonly JwsAlgorithm[] = [
  'HS256',
  'HS384',
  'HS512',
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'Ed25519',
  'EdDSA',
  'ML-DSA-44',
  'ML-DSA-65',
  'ML-DSA-87',
]

const verifier = (key: Key): Key => (key.kind === 'secret' ? key : publicKeyOf(key))

const theirs = (key: Key, half: 'private' | 'public') =>
  importJWK(
    { ...exportJwk(key, { private: half === 'private' || key.kind === 'secret' }) },
    key.alg,
  )

/** Changes one letter. The last letter of a part stays where jose would ignore its spare bits. */
function flipped(token: string, { lastLetters }: { lastLetters: boolean }): string {
  const places = Array.from(token, (_letter, at) => at).filter(
    (at) => token[at] !== '.' && (lastLetters || (token[at + 1] ?? '.') !== '.'),
  )
  const at = places[randomInt(places.length)] ?? 0
  return token.slice(0, at) + (token[at] === 'A' ? 'B' : 'A') + token.slice(at + 1)
}

test.for(algorithms)('%s: jose verifies ours', async (alg) => {
  const [key, other] = [generateKey(alg), generateKey(alg)]
  const [good, wrong] = [await theirs(key, 'public'), await theirs(other, 'public')]
  for (let round = 0; round < 10; round += 1) {
    const payload = randomBytes(randomInt(300))
    const token = signJws(payload, key, {})
    const verified = await compactVerify(token, good)
    expect(Buffer.from(verified.payload)).toEqual(payload)
    expect(await refuses(compactVerify(token, wrong))).toBe(true)
    expect(await refuses(compactVerify(flipped(token, { lastLetters: false }), good))).toBe(true)
  }
})

test.for(algorithms)('%s: we verify those of jose', async (alg) => {
  const [key, other] = [generateKey(alg), generateKey(alg)]
  const material = await theirs(key, 'private')
  for (let round = 0; round < 10; round += 1) {
    const payload = randomBytes(randomInt(300))
    const token = await new CompactSign(payload).setProtectedHeader({ alg }).sign(material)
    const verified = verifyJws(token, { keys: verifier(key), algorithms: [alg] })
    expect(verified.ok && Buffer.from(verified.value.payload)).toEqual(payload)
    expect(verifyJws(token, { keys: verifier(other), algorithms: [alg] }).ok).toBe(false)
    expect(
      verifyJws(flipped(token, { lastLetters: true }), { keys: verifier(key), algorithms: [alg] })
        .ok,
    ).toBe(false)
  }
})

async function refuses(attempt: Promise<unknown>): Promise<boolean> {
  try {
    await attempt
    return false
  } catch {
    return true
  }
}
