/** A JSON Web Key as parsed JSON (RFC 7517 §4), not checked. */
export interface Jwk {
  readonly kty: string
  readonly alg?: string
  readonly kid?: string
  readonly use?: string
  readonly crv?: string
  readonly x?: string
  readonly y?: string
  readonly d?: string
  readonly n?: string
  readonly e?: string
  readonly k?: string
  readonly pub?: string
  readonly priv?: string
  readonly [member: string]: unknown
}
