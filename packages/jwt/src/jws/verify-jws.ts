import { Buffer } from 'node:buffer'

import {
  currentName,
  isJwsAlgorithm,
  signatureAlgorithms,
  type JwsAlgorithm,
} from '../crypto/signature-algorithms.ts'
import type { Key } from '../jwk/key.ts'
import { keySetOf, type KeySet } from '../jwk/key-set.ts'
import { ok, type Result } from '../result.ts'
import { normaliseTyp, type JwsHeader } from './header.ts'
import { createReader } from './reader.ts'
import type { JwsRefusal } from './refusal.ts'

/** Demands on the signature and the header. The payload may be anything. */
export interface VerifyJwsPolicy {
  readonly keys: Key | readonly Key[] | KeySet
  readonly algorithms: readonly JwsAlgorithm[]
  /** The types that fit; '' fits a header without `typ`. Default: every type. */
  readonly typ?: string | readonly string[]
  /** Units: bytes. Default: 65536. */
  readonly tokenBytesMax?: number
}

/** The signed content of a token. */
export interface VerifiedJws {
  readonly header: JwsHeader
  readonly payload: Uint8Array
  readonly key: Key
}

/**
 * Proves the signature of a compact token over any payload.
 * Refuses: all reasons of `JwsRefusal`.
 * Throws: on a policy that can never accept a token, or that names an unknown algorithm.
 * Not checked: the payload.
 * Source: RFC 7515 §5.2; RFC 8725 §3.1.
 */
export function verifyJws(token: string, policy: VerifyJwsPolicy): Result<VerifiedJws, JwsRefusal> {
  const { typ, tokenBytesMax = 65_536 } = policy
  const read = createReader({
    keys: readKeys(policy.keys, policy.algorithms),
    algorithms: readAlgorithms(policy.algorithms),
    typ: typ === undefined ? undefined : asList(typ).map(normaliseTyp),
    tokenBytesMax,
  })(token)
  if (!read.ok) return read
  const { header, key, letters } = read.value
  return ok({ header, payload: Uint8Array.from(Buffer.from(letters, 'latin1')), key })
}

/**
 * Checks a list of allowed algorithms and copies it.
 * Throws: when it is empty or names an unknown algorithm.
 */
export function readAlgorithms(algorithms: readonly JwsAlgorithm[]): readonly JwsAlgorithm[] {
  if (!Array.isArray(algorithms) || algorithms.length === 0) {
    throw new TypeError('policy: algorithms must be a list with at least one name')
  }
  for (const name of algorithms as readonly unknown[]) {
    if (!isJwsAlgorithm(name))
      throw new TypeError(
        `policy: the algorithm "${String(name)}" does not exist here; these do: ${Object.keys(signatureAlgorithms).join(', ')}`,
      )
  }
  return [...algorithms]
}

/**
 * Makes a set of the keys of a policy.
 * Throws: when a single key is for another algorithm, cannot verify, or two keys are in conflict.
 */
export function readKeys(
  keys: Key | readonly Key[] | KeySet,
  algorithms: readonly JwsAlgorithm[],
): KeySet {
  if (typeof keys !== 'object' || keys === null) throw new TypeError('policy: keys are missing')
  if ('find' in keys && 'skipped' in keys) return keys
  const list = 'alg' in keys ? [keys] : keys
  for (const key of list) {
    if (!algorithms.some((alg) => currentName(alg) === currentName(key.alg))) {
      throw new TypeError(`policy: a key is for ${key.alg}, which algorithms does not name`)
    }
    if (key.kind === 'private') {
      throw new TypeError(
        'policy: a private key is more than a verifier needs: use publicKeyOf(key)',
      )
    }
  }
  return keySetOf(list)
}

/** One or many, as a list. */
export function asList(value: string | readonly string[]): readonly string[] {
  return typeof value === 'string' ? [value] : [...value]
}
