import { compactDecrypt, CompactEncrypt, importPKCS8, importSPKI, jwtVerify } from 'jose'
import { cycle } from '../../jwt/cycle.ts'
import { audience, given, issuer } from '../../jwt/material.ts'
import { readNested } from '../../jwt/nested-material.ts'
import type { NestedMaterial } from '../../jwt/nested-material.ts'
import type { Work } from '../../method/work.ts'

const decoder = new TextDecoder()

/** jose: opens the outer layer, then verifies the inner token. */
export async function prepare(file: string): Promise<Work> {
  const { alg, keyAlg, enc, recipientPrivate, secret, publicPem, tokens } = readNested(file)
  const signer =
    alg === 'HS256' ? await hmacKey(given(secret)) : await importSPKI(given(publicPem), alg)
  const recipient =
    keyAlg === 'dir' ? await gcmKey(recipientPrivate) : await importPKCS8(recipientPrivate, keyAlg)
  const opening = { keyManagementAlgorithms: [keyAlg], contentEncryptionAlgorithms: [enc] }
  const options = { algorithms: [alg], issuer, audience }
  const next = cycle(tokens)
  return async (operations) => {
    for (let index = 0; index < operations; index += 1) {
      const { plaintext } = await compactDecrypt(next(), recipient, opening)
      const { payload } = await jwtVerify(decoder.decode(plaintext), signer, options)
      if (payload.iss !== issuer) throw new Error('no claims')
    }
  }
}

/** Puts the outer layer around signed tokens. */
export async function encryptAll(material: NestedMaterial): Promise<readonly string[]> {
  const { keyAlg, enc, recipientPrivate, recipientPublic, tokens } = material
  const key =
    keyAlg === 'dir'
      ? Buffer.from(recipientPrivate, 'base64url')
      : await importSPKI(given(recipientPublic), keyAlg)
  return Promise.all(
    tokens.map((token) =>
      new CompactEncrypt(Buffer.from(token))
        .setProtectedHeader({ alg: keyAlg, enc, cty: 'JWT' })
        .encrypt(key),
    ),
  )
}

function hmacKey(secret: string): Promise<CryptoKey> {
  const bytes = Buffer.from(secret, 'base64url')
  return crypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-256' }, false, ['verify'])
}

function gcmKey(secret: string): Promise<CryptoKey> {
  const bytes = Buffer.from(secret, 'base64url')
  return crypto.subtle.importKey('raw', bytes, 'AES-GCM', false, ['decrypt'])
}
