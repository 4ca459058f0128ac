import { encodeBase64url } from '../bytes/base64url.ts'
import { parseStrictJson } from '../bytes/strict-json.ts'
import type { Key } from '../jwk/key.ts'
import { prepareSign } from '../jws/prepare-key.ts'
import { writeHeader, type ExtraHeader } from '../jws/sign-jws.ts'
import { claimLimits } from './claims.ts'

/** Header members next to `alg` and `kid`. */
export interface SignOptions {
  /** The type of token; '' writes none. Default: `JWT`. */
  readonly typ?: string
  /** Further members; `alg`, `kid` and `typ` are not set here. Default: none. */
  readonly header?: ExtraHeader
}

/**
 * Signs claims; `alg` and `kid` come from the key.
 * Throws: for a key that cannot sign, and for claims that are no JSON object. Claims that strict JSON
 * cannot spell, that are deeper than `verifyJwt` reads, or whose times are not finite numbers throw too.
 * Not checked: missing claims and times out of range; the verifier checks both.
 * Source: RFC 7519 §7.1.
 * @example signJwt({ sub: 'alice', exp: now + 600 }, key, { typ: 'at+jwt' })
 */
export function signJwt(claims: object, key: Key, options: SignOptions = {}): string {
  const sign = prepareSign(key)
  const text = writeClaims(claims)
  return sign(`${headerOf(key, options)}.${encodeBase64url(text)}`)
}

function headerOf(key: Key, { typ = 'JWT', header }: SignOptions): string {
  if (typeof typ !== 'string') throw new TypeError('signJwt: typ must be a text')
  if (header !== undefined) {
    if (Object.hasOwn(header, 'typ')) throw new TypeError('signJwt: typ has an option of its own')
    return writeHeader(key, typ === '' ? header : { typ, ...header })
  }
  const known = headers.get(key)
  if (known?.typ === typ) return known.text
  const text = writeHeader(key, typ === '' ? {} : { typ })
  headers.set(key, { typ, text })
  return text
}

/** The last header of a key. */
const headers = new WeakMap<Key, { readonly typ: string; readonly text: string }>()

function writeClaims(claims: object): string {
  if (typeof claims !== 'object' || claims === null || Array.isArray(claims)) {
    throw new TypeError('signJwt: claims must be one object')
  }
  checkMembers(claims, 1)
  for (const name of timeClaims) checkTime(name, Reflect.get(claims, name))
  const text = JSON.stringify(claims)
  if (!text.startsWith('{')) throw new TypeError('signJwt: claims must be one object')
  // Strict parsing can only refuse an escaped surrogate, a forbidden name or the size of JSON that we
  // wrote.
  if (text.length > 4096 || text.includes('\\ud') || text.includes('__proto__')) checkStrict(text)
  return text
}

const timeClaims = ['exp', 'nbf', 'iat']

function checkTime(name: string, value: unknown): void {
  if (value !== undefined && typeof value !== 'number') {
    throw new TypeError(`signJwt: ${name} must be a number of seconds`)
  }
}

/** JSON writes `NaN` and infinities as `null`. */
function checkMembers(members: object, depth: number): void {
  if (depth > claimLimits.depthMax) throw new TypeError('signJwt: the claims are too deep')
  for (const name in members) {
    const value: unknown = members[name as keyof typeof members]
    if (typeof value === 'object' && value !== null) checkMembers(value, depth + 1)
    else if (typeof value === 'number' && !Number.isFinite(value)) {
      throw new TypeError('signJwt: a number in the claims is not finite')
    }
  }
}

function checkStrict(text: string): void {
  const read = parseStrictJson(text, { bytesMax: 1_048_576 })
  if (!read.ok) throw new TypeError(`signJwt: claims are not strict JSON: ${read.refusal.reason}`)
}
