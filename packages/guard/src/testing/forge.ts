import { Buffer } from 'node:buffer'
import { createHmac, createPrivateKey, sign as signBytes, type JsonWebKeyInput } from 'node:crypto'
import { exportJwk, type Key } from '@countersign/jwt'

/** Encodes text or JSON as one part of a token. */
export function part(value: unknown): string {
  const bytes =
    typeof value === 'string' || value instanceof Uint8Array ? value : JSON.stringify(value)
  return Buffer.from(bytes).toString('base64url')
}

/** Signs any header and payload with ES256. For tokens that a strict signer refuses to make. */
export function forgeSigned(header: unknown, payload: unknown, key: Key): string {
  return signInput(`${part(header)}.${part(payload)}`, key)
}

/** Signs two encoded parts as they are. */
export function signInput(input: string, key: Key): string {
  return `${input}.${rawSignature(input, key, 'ieee-p1363').toString('base64url')}`
}

/** Makes an ES256 signature in either encoding. JWS uses `ieee-p1363`. */
export function rawSignature(input: string, key: Key, dsaEncoding: 'der' | 'ieee-p1363'): Buffer {
  const jwk = exportJwk(key, { private: true }) as JsonWebKeyInput['key']
  const object = createPrivateKey({ key: jwk, format: 'jwk' })
  return signBytes('sha256', Buffer.from(input), { key: object, dsaEncoding })
}

/** Makes a token with an HMAC, for attacks that use a public key as a secret. */
export function forgeMac(
  header: { readonly alg: 'HS256' | 'HS384' | 'HS512' },
  payload: unknown,
  secret: string | Uint8Array,
): string {
  const input = `${part(header)}.${part(payload)}`
  const hash = `sha${header.alg.slice(2)}`
  return `${input}.${createHmac(hash, secret).update(input).digest('base64url')}`
}
