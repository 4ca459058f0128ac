import {
  createKeySet,
  createJwtVerifier,
  decryptJwt,
  encryptJwt,
  exportJwk,
  generateKey,
  importKey,
  publicKeyOf,
  signJwt,
  thumbprint,
  verifyJwt,
  type ContentEncryption,
  type JweKeyAlgorithm,
  type JwsAlgorithm,
  type Key,
} from '@countersign/jwt'

import { contentCiphers } from '../../packages/jwt/src/crypto/content-encryption.ts'
import { keyManagements } from '../../packages/jwt/src/crypto/key-management.ts'
import { runtimeHasCipher } from '../../packages/jwt/src/crypto/runtime-ciphers.ts'
import { signatureAlgorithms } from '../../packages/jwt/src/crypto/signature-algorithms.ts'
import { vectorsDir } from '../vectors/dir.ts'
import { runVectors } from '../vectors/main.ts'

/** The result of one runtime, written as JSON on the last line of the output. */
export interface RuntimeReport {
  readonly checks: number
  readonly failed: readonly string[]
  /** Algorithms that this runtime cannot offer. */
  readonly lacks: readonly string[]
  readonly vectors: {
    readonly files: number
    readonly cases: number
    readonly unexplained: readonly string[]
  }
}

const failed: string[] = []
const lacks: string[] = []
let checks = 0

function check(name: string, holds: () => boolean): void {
  checks += 1
  try {
    if (!holds()) failed.push(name)
  } catch (fault) {
    failed.push(`${name}: ${fault instanceof Error ? fault.message : 'a fault'}`)
  }
}

const claims = { iss: 'https://issuer.example', aud: 'api', sub: 'ada', exp: 4_102_444_800 }
const verifier = (key: Key): Key => (key.kind === 'secret' ? key : publicKeyOf(key))
const demands = (key: Key, alg: JwsAlgorithm) =>
  ({ keys: key, issuer: claims.iss, audience: claims.aud, algorithms: [alg], typ: 'JWT' }) as const

function flip(token: string, at: number): string {
  return token.slice(0, at) + (token[at] === 'A' ? 'B' : 'A') + token.slice(at + 1)
}

/**
 * A key, or `undefined` where the runtime lacks the algorithm; the lack must be a refusal, not an
 * exception.
 */
function keyFor(alg: JwsAlgorithm): Key | undefined {
  try {
    return generateKey(alg)
  } catch {
    lacks.push(alg)
    return undefined
  }
}

for (const { alg } of Object.values(signatureAlgorithms)) {
  const key = keyFor(alg)
  if (key === undefined) continue
  const token = signJwt(claims, key)
  const verify = createJwtVerifier(demands(verifier(key), alg))
  check(`${alg} verifies what it signed`, () => verify(token).ok)
  check(`${alg} reads its own JWK again`, () => {
    const jwk = exportJwk(verifier(key), { private: key.kind === 'secret' })
    const read = importKey(jwk, { alg })
    return read.ok && verifyJwt(token, demands(read.value, alg)).ok
  })
  check(`${alg} refuses a flipped claim`, () => !verify(flip(token, token.indexOf('.') + 9)).ok)
  check(`${alg} refuses a flipped signature`, () => !verify(flip(token, token.length - 9)).ok)
  check(
    `${alg} refuses another key`,
    () => !verifyJwt(token, demands(verifier(generateKey(alg)), alg)).ok,
  )
  if (key.kind === 'secret') continue
  check(`${alg} is found in a set by its thumbprint`, () => {
    const set = createKeySet({ keys: [exportJwk(key)] })
    if (!set.ok || key.kid !== thumbprint(exportJwk(key))) return false
    return set.value.find({ kid: key.kid, alg, use: 'sig' }) !== undefined
  })
}

const ecJwks = [generateKey('ES256'), generateKey('ES256')].map((key) => ({
  ...exportJwk(key, { private: true }),
  kid: 'one',
}))
check('the private half of another EC key is refused', () => {
  const read = importKey({ kty: 'EC', ...ecJwks[0], d: ecJwks[1]?.d ?? '' }, { alg: 'ES256' })
  return !read.ok && read.refusal.reason === 'key_inconsistent'
})

const signed = signJwt(claims, generateKey('HS256'))
const curves = ['P-256', 'P-384', 'P-521', 'X25519'] as const
const bitsOf = { 16: 128, 24: 192, 32: 256, 48: 384, 64: 512 } as const

const rsa = new Map<string, Key>()

function encryptionKeys(alg: JweKeyAlgorithm, enc: ContentEncryption): readonly Key[] {
  if (alg.startsWith('ECDH')) return curves.map((curve) => generateKey(alg, { curve }))
  if (alg === 'dir') {
    const bytes = contentCiphers[enc].cekBytes
    const bits = bytes in bitsOf ? bitsOf[bytes as keyof typeof bitsOf] : 256
    return [generateKey(alg, { bits })]
  }
  const known = rsa.get(alg) ?? generateKey(alg)
  rsa.set(alg, known)
  return [known]
}

for (const { alg, runtimeCipher: wrap } of Object.values(keyManagements)) {
  if (wrap !== undefined && !runtimeHasCipher(wrap)) {
    lacks.push(alg)
    continue
  }
  for (const { enc, runtimeCipher } of Object.values(contentCiphers)) {
    if (!runtimeHasCipher(runtimeCipher)) {
      if (!lacks.includes(enc)) lacks.push(enc)
      continue
    }
    for (const key of encryptionKeys(alg, enc)) {
      const policy = { keys: key, algorithms: [alg], encryptions: [enc] } as const
      check(`${alg} with ${enc} opens what it wrapped`, () => {
        const opened = decryptJwt(encryptJwt(signed, verifier(key), { enc }), policy)
        return opened.ok && opened.value === signed
      })
      check(`${alg} with ${enc} refuses a flip`, () => {
        const token = encryptJwt(signed, verifier(key), { enc })
        return !decryptJwt(flip(token, token.length - 30), policy).ok
      })
    }
  }
}

const dir = vectorsDir()
const reports = dir === undefined ? [] : runVectors(dir)
const report: RuntimeReport = {
  checks,
  failed,
  lacks,
  vectors: {
    files: reports.length,
    cases: reports.reduce((sum, { cases }) => sum + cases, 0),
    unexplained: reports.flatMap(({ file, unexplained }) =>
      unexplained.map((text) => `${file} ${text}`),
    ),
  },
}
console.log(JSON.stringify(report))
