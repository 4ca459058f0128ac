import { createJwtVerifier, importKey, signJwt, unwrap } from '@countersign/jwt'
import { cycle } from './cycle.ts'
import { audience, given, issuer, readCase } from './material.ts'
import type { Material } from './material.ts'
import type { Work } from '../method/work.ts'

/** Ours, with issuer, audience, `typ`, `exp` and all other fixed checks. */
export function prepare(argument: string): Work {
  const { operation, ...material } = readCase(argument)
  return operation === 'verify' ? verifying(material) : signing(material)
}

function verifying({ alg, kid, tokens, secret, publicPem }: Material): Work {
  const key = unwrap(
    alg === 'HS256'
      ? importKey(Buffer.from(given(secret), 'base64url'), { alg, kid })
      : importKey(given(publicPem), { alg, kid }),
  )
  const verify = createJwtVerifier({
    keys: key,
    issuer,
    audience,
    algorithms: [alg],
    typ: 'at+jwt',
  })
  const next = cycle(tokens)
  return (operations) => {
    for (let index = 0; index < operations; index += 1) {
      const result = verify(next())
      if (!result.ok) throw new Error(result.refusal.reason)
    }
  }
}

function signing({ alg, kid, claims, secret, privatePem }: Material): Work {
  const key = unwrap(
    alg === 'HS256'
      ? importKey(Buffer.from(given(secret), 'base64url'), { alg, kid })
      : importKey(given(privatePem), { alg, kid }),
  )
  const next = cycle(claims)
  return (operations) => {
    for (let index = 0; index < operations; index += 1)
      if (signJwt(next(), key, { typ: 'at+jwt' }).length < 100) throw new Error('no token')
  }
}
