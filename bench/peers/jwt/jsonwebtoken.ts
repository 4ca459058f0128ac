import { createPrivateKey, createPublicKey, createSecretKey } from 'node:crypto'
import jsonwebtoken from 'jsonwebtoken'
import type { Algorithm } from 'jsonwebtoken'
import { cycle } from '../../jwt/cycle.ts'
import { audience, given, issuer, readCase } from '../../jwt/material.ts'
import type { Material } from '../../jwt/material.ts'
import type { Work } from '../../method/work.ts'

/** jsonwebtoken with a KeyObject, which spares it the parsing of keys, issuer, audience and expiry checked. */
export function prepare(argument: string): Work {
  const { operation, ...material } = readCase(argument)
  return operation === 'verify' ? verifying(material) : signing(material)
}

function verifying({ alg, tokens, secret, publicPem }: Material): Work {
  const key =
    alg === 'HS256'
      ? createSecretKey(given(secret), 'base64url')
      : createPublicKey(given(publicPem))
  const options = { algorithms: [alg as Algorithm], issuer, audience }
  const next = cycle(tokens)
  return (operations) => {
    for (let index = 0; index < operations; index += 1) {
      const claims = jsonwebtoken.verify(next(), key, options)
      if (typeof claims === 'string' || claims.iss !== issuer) throw new Error('no claims')
    }
  }
}

function signing({ alg, kid, claims, secret, privatePem }: Material): Work {
  const key =
    alg === 'HS256'
      ? createSecretKey(given(secret), 'base64url')
      : createPrivateKey(given(privatePem))
  const options = {
    algorithm: alg as Algorithm,
    keyid: kid,
    header: { alg: alg as Algorithm, typ: 'at+jwt' },
  }
  const next = cycle(claims)
  return (operations) => {
    for (let index = 0; index < operations; index += 1)
      if (jsonwebtoken.sign(next(), key, options).length < 100) throw new Error('no token')
  }
}
