import { importPKCS8, importSPKI, jwtVerify, SignJWT } from 'jose'
import { cycle } from '../../jwt/cycle.ts'
import { audience, given, issuer, readCase } from '../../jwt/material.ts'
import type { Material } from '../../jwt/material.ts'
import type { Work } from '../../method/work.ts'

/** jose with CryptoKeys, its own choice, issuer, audience and expiry checked. */
export function prepare(argument: string): Promise<Work> {
  const { operation, ...material } = readCase(argument)
  return operation === 'verify' ? verifying(material) : signing(material)
}

async function verifying({ alg, tokens, secret, publicPem }: Material): Promise<Work> {
  const key = alg === 'HS256' ? await secretKey(secret) : await importSPKI(given(publicPem), alg)
  const options = { algorithms: [alg], issuer, audience }
  const next = cycle(tokens)
  return async (operations) => {
    for (let index = 0; index < operations; index += 1) {
      const { payload } = await jwtVerify(next(), key, options)
      if (payload.iss !== issuer) throw new Error('no claims')
    }
  }
}

async function signing({ alg, kid, claims, secret, privatePem }: Material): Promise<Work> {
  const key = alg === 'HS256' ? await secretKey(secret) : await importPKCS8(given(privatePem), alg)
  const next = cycle(claims)
  return async (operations) => {
    for (let index = 0; index < operations; index += 1) {
      const token = await new SignJWT(next())
        .setProtectedHeader({ alg, typ: 'at+jwt', kid })
        .sign(key)
      if (token.length < 100) throw new Error('no token')
    }
  }
}

function secretKey(secret: string | undefined): Promise<CryptoKey> {
  return crypto.subtle.importKey(
    'raw',
    Buffer.from(given(secret), 'base64url'),
    { name: 'HMAC', hash: 'SHA-256' },
    false,
    ['sign', 'verify'],
  )
}
