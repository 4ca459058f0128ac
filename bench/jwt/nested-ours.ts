import { createDecrypter, createJwtVerifier, importKey, unwrap } from '@countersign/jwt'
import { cycle } from './cycle.ts'
import { audience, given, issuer } from './material.ts'
import { readNested } from './nested-material.ts'
import type { Work } from '../method/work.ts'

/** Ours: opens the outer layer, then verifies the inner token with all checks. */
export function prepare(file: string): Work {
  const { alg, kid, keyAlg, enc, recipientPrivate, secret, publicPem, tokens } = readNested(file)
  const signer = unwrap(
    alg === 'HS256'
      ? importKey(Buffer.from(given(secret), 'base64url'), { alg, kid })
      : importKey(given(publicPem), { alg, kid }),
  )
  const recipient = unwrap(
    keyAlg === 'dir'
      ? importKey({ kty: 'oct', k: recipientPrivate }, { alg: 'dir', use: 'enc' })
      : importKey(recipientPrivate, { alg: keyAlg, use: 'enc' }),
  )
  const open = createDecrypter({ keys: recipient, algorithms: [keyAlg], encryptions: [enc] })
  const verify = createJwtVerifier({
    keys: signer,
    issuer,
    audience,
    algorithms: [alg],
    typ: 'at+jwt',
  })
  const next = cycle(tokens)
  return (operations) => {
    for (let index = 0; index < operations; index += 1) {
      const opened = open(next())
      if (!opened.ok) throw new Error(opened.refusal.reason)
      const result = verify(opened.value)
      if (!result.ok) throw new Error(result.refusal.reason)
    }
  }
}
