import { createSigner, createVerifier } from 'fast-jwt'
import type { Algorithm } from 'fast-jwt'
import { cycle } from '../../jwt/cycle.ts'
import { audience, given, issuer, readCase } from '../../jwt/material.ts'
import type { Material } from '../../jwt/material.ts'
import type { Work } from '../../method/work.ts'

/** fast-jwt with its synchronous prepared verifier, its cache off, issuer, audience and expiry checked. */
export function prepare(argument: string): Work {
  const { operation, ...material } = readCase(argument)
  return operation === 'verify' ? verifying(material) : signing(material)
}

function verifying({ alg, tokens, secret, publicPem }: Material): Work {
  const key = alg === 'HS256' ? Buffer.from(given(secret), 'base64url') : given(publicPem)
  const verify = createVerifier({
    key,
    algorithms: [alg],
    allowedIss: issuer,
    allowedAud: audience,
    cache: false,
  })
  const next = cycle(tokens)
  return (operations) => {
    for (let index = 0; index < operations; index += 1)
      if (verify(next()).iss !== issuer) throw new Error('no claims')
  }
}

function signing({ alg, kid, claims, secret, privatePem }: Material): Work {
  const key = alg === 'HS256' ? Buffer.from(given(secret), 'base64url') : given(privatePem)
  const sign = createSigner({
    key,
    algorithm: alg as Algorithm,
    kid,
    header: { alg, typ: 'at+jwt' },
  })
  const next = cycle(claims)
  return (operations) => {
    for (let index = 0; index < operations; index += 1)
      if (sign(next()).length < 100) throw new Error('no token')
  }
}
