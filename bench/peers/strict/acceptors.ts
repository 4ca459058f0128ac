import { createVerifier as createFastVerifier } from 'fast-jwt'
import { verify as honoVerify } from 'hono/jwt'
import { jwtVerify } from 'jose'
import jsonwebtoken from 'jsonwebtoken'

/** The secret, issuer and audience of every library. The secret is ASCII text. */
export interface Terms {
  readonly secret: string
  readonly issuer: string
  readonly audience: string
}

/** Whether a library accepts a token. */
export type Acceptor = (token: string) => Promise<boolean>

/** Each peer with HS256 fixed, issuer and audience configured, and its defaults otherwise. */
export function peerAcceptors({
  secret,
  issuer,
  audience,
}: Terms): Readonly<Record<string, Acceptor>> {
  const bytes = Buffer.from(secret)
  const fast = createFastVerifier({
    key: bytes,
    algorithms: ['HS256'],
    allowedIss: issuer,
    allowedAud: audience,
  })
  return {
    jose: accepts((token) => jwtVerify(token, bytes, { algorithms: ['HS256'], issuer, audience })),
    'fast-jwt': accepts((token) => fast(token)),
    jsonwebtoken: accepts((token) =>
      jsonwebtoken.verify(token, bytes, { algorithms: ['HS256'], issuer, audience }),
    ),
    'hono/jwt': accepts((token) =>
      honoVerify(token, secret, { alg: 'HS256', iss: issuer, aud: audience }),
    ),
  }
}

function accepts(verify: (token: string) => unknown): Acceptor {
  return async (token) => {
    try {
      await verify(token)
      return true
    } catch {
      return false
    }
  }
}
