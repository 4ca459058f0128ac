import { encodeBase64url, exportJwk, generateKey, signJwt, thumbprint } from '@countersign/jwt'
import { createHash } from 'node:crypto'

/** A sender with a key of its own, for tokens that are bound to it: `t.token({ cnf: { jkt: sender.jkt } })`. */
export interface TestSender {
  readonly jkt: string
  /** Makes a proof for one request. Passed claims replace the usual ones; `undefined` removes one. */
  readonly proof: (request: ProofRequest, claims?: Readonly<Record<string, unknown>>) => string
}

/** The request of a proof. */
export interface ProofRequest {
  readonly token: string
  readonly url: string
  readonly method?: string
}

/** Makes a sender with a new key. */
export function createTestSender(now: () => number): TestSender {
  const key = generateKey('ES256')
  const jwk = exportJwk(key)
  const { kty, crv, x, y } = jwk
  let serial = 0
  return {
    jkt: thumbprint(jwk),
    proof: ({ token, url, method = 'GET' }, claims = {}) => {
      serial += 1
      const usual = {
        jti: `proof-${serial}`,
        htm: method,
        htu: url,
        iat: Math.floor(now()),
        ath: encodeBase64url(createHash('sha256').update(token).digest()),
      }
      const all = Object.entries({ ...usual, ...claims }).filter(([, value]) => value !== undefined)
      return signJwt(Object.fromEntries(all), key, {
        typ: 'dpop+jwt',
        header: { jwk: { kty, crv, x, y } },
      })
    },
  }
}
