import { execFileSync } from 'node:child_process'
import { generateKeyPairSync, randomUUID, sign } from 'node:crypto'
import type { KeyObject } from 'node:crypto'

/** A key that a client signs assertions or proofs with. */
export interface SigningKey {
  readonly privateKey: KeyObject
  readonly jwk: Readonly<Record<string, unknown>>
}

/** Makes an ES256 key. */
export function makeSigningKey(): SigningKey {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return { privateKey, jwk: { ...publicKey.export({ format: 'jwk' }) } }
}

/** Signs a JWT with ES256, by the runtime alone. */
export function signEs256(header: object, claims: object, key: KeyObject): string {
  const input = `${encode({ alg: 'ES256', ...header })}.${encode(claims)}`
  const signature = sign('sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' })
  return `${input}.${signature.toString('base64url')}`
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}

/** The header of a client that authenticates with its secret (RFC 6749 §2.3.1). */
export function basic(clientId: string, secret: string): string {
  const pair = `${encodeURIComponent(clientId)}:${encodeURIComponent(secret)}`
  return `Basic ${Buffer.from(pair).toString('base64')}`
}

/** Assertions of a client, each good for one request. */
export function makeAssertions(
  count: number,
  { clientId, audience, key }: { clientId: string; audience: string; key: SigningKey },
): readonly string[] {
  const now = Math.floor(Date.now() / 1000)
  return Array.from({ length: count }, () =>
    signEs256(
      {},
      { iss: clientId, sub: clientId, aud: audience, iat: now, exp: now + 240, jti: randomUUID() },
      key.privateKey,
    ),
  )
}

/** DPoP proofs for one address, each good for one request (RFC 9449 §4.2). */
export function makeProofs(
  count: number,
  { htu, nonce, key }: { htu: string; nonce: string | undefined; key: SigningKey },
): readonly string[] {
  const now = Math.floor(Date.now() / 1000)
  const { kty, crv, x, y } = key.jwk
  return Array.from({ length: count }, () =>
    signEs256(
      { typ: 'dpop+jwt', jwk: { kty, crv, x, y } },
      {
        htm: 'POST',
        htu,
        iat: now,
        jti: randomUUID(),
        ...(nonce === undefined ? {} : { nonce }),
      },
      key.privateKey,
    ),
  )
}

/** Runs our command line and reads its JSON. */
export function runJson(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Readonly<Record<string, unknown>> {
  const output = execFileSync(command, args, {
    env: { ...process.env, ...env },
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const parsed: Readonly<Record<string, unknown>> = JSON.parse(output)
  return parsed
}
