import { Buffer } from 'node:buffer'

import { decodeBase64url } from '../bytes/base64url.ts'
import { readJwkMaterial, secretMaterial, type KeyObject } from '../crypto/key-objects.ts'
import { ok, refuse, type Result } from '../result.ts'
import { checkMaterial } from './check-material.ts'
import type { Jwk } from './jwk.ts'
import { makeKey, type Key } from './key.ts'
import { keyShapes, type KeyAlgorithm, type KeyShape } from './key-shapes.ts'
import { looksLike } from './looks-like.ts'
import { privateKeyAgrees } from './private-key-agrees.ts'
import { publicKeyIn } from './public-key-in.ts'
import type { KeyRefusal } from './refusal.ts'

/**
 * Reads a JWK and binds it to one algorithm.
 * Refuses: a JWK made for another algorithm, use or operation; members that are missing, not exactly
 * base64url or of a wrong length; points off their curve; a private part that does not belong to the
 * public one; every reason of `checkMaterial`. A member of value `null` counts as absent.
 * Why: the runtime takes coordinates of any length and does not compare the halves of a key.
 * Source: RFC 7517 §4; RFC 7518 §6; RFC 8037 §2; RFC 9964 §3.
 */
export function importJwk(given: Jwk, alg: KeyAlgorithm, kid?: string): Result<Key, KeyRefusal> {
  const jwk = withoutBlanks(given)
  const shape = keyShapes[alg]
  const own = checkLabels(jwk, alg, shape)
  if (!own.ok) return own
  const name = kid ?? own.value
  const read = readMembers(jwk, alg, shape)
  if (!read.ok) return read
  const checked = checkMaterial(read.value, alg)
  return checked.ok ? ok(makeKey(alg, name, read.value)) : checked
}

/**
 * Drops members that say nothing: `null` anywhere, and an empty `use`, `alg` or `kid`.
 * Why: some serialisers write a member that is absent in this way.
 */
export function withoutBlanks(jwk: Jwk): Jwk {
  const said = Object.entries(jwk).filter(
    ([member, value]) => value !== null && !(value === '' && labels.has(member)),
  )
  return { ...Object.fromEntries(said), kty: jwk.kty }
}

const labels: ReadonlySet<string> = new Set(['use', 'alg', 'kid'])

/** A key id that may be used: text of a reasonable length. */
export function readKid(kid: unknown): string | undefined {
  return typeof kid === 'string' && kid !== '' && kid.length <= 256 ? kid : undefined
}

function checkLabels(
  jwk: Jwk,
  alg: KeyAlgorithm,
  { use }: KeyShape,
): Result<string | undefined, KeyRefusal> {
  const own = jwk as { readonly [member: string]: unknown }
  if (own['alg'] !== undefined && own['alg'] !== alg)
    return refuse({ reason: 'algorithm_mismatch', alg })
  if (own['use'] !== undefined && own['use'] !== use) return refuse({ reason: 'use_mismatch', use })
  const operations = own['key_ops']
  if (operations !== undefined) {
    if (!Array.isArray(operations)) return malformed('key_ops')
    const fitting: readonly unknown[] = operationsFor[use]
    if (new Set(operations).size !== operations.length) return malformed('key_ops')
    if (!operations.every((operation) => fitting.includes(operation)) || operations.length === 0) {
      return refuse({ reason: 'use_mismatch', use })
    }
  }
  if (own['kid'] === undefined) return ok(undefined)
  const kid = readKid(own['kid'])
  return kid === undefined ? malformed('kid') : ok(kid)
}

const operationsFor = {
  sig: ['sign', 'verify'],
  enc: ['encrypt', 'decrypt', 'wrapKey', 'unwrapKey', 'deriveKey', 'deriveBits'],
} as const

function readMembers(jwk: Jwk, alg: KeyAlgorithm, shape: KeyShape): Result<KeyObject, KeyRefusal> {
  const row = membersOf(jwk, shape)
  if (row === undefined) {
    const needs = `${alg} needs ${shape.needs}`
    return refuse({ reason: 'key_wrong_kind', needs, looksLike: looksLike(jwk) })
  }
  const isPrivate = jwk[row.decisive] !== undefined
  const wanted = isPrivate ? [...row.members, ...row.privateMembers] : row.members
  if (!isPrivate && row.privateMembers.some((member) => jwk[member] !== undefined)) {
    return malformed(row.decisive)
  }
  if (jwk['oth'] !== undefined) return malformed('oth')
  const taken: [string, unknown][] = [['kty', jwk.kty]]
  if (jwk.crv !== undefined) taken.push(['crv', jwk.crv])
  if (jwk.kty === 'AKP') taken.push(['alg', alg])
  for (const member of wanted) {
    const bytes = readBytes(jwk[member])
    if (bytes === undefined) return malformed(member)
    if (row.bytes !== undefined && bytes.length !== row.bytes(member)) return malformed(member)
    if (row.bytes === undefined && jwk.kty === 'RSA' && bytes[0] === 0) return malformed(member)
    taken.push([member, jwk[member]])
  }
  if (jwk.kty === 'oct') return readSecret(Buffer.from(String(jwk.k), 'base64url'))
  const publicPart = taken.filter(([member]) => !row.privateMembers.includes(member))
  return readPair(publicPart, isPrivate ? taken : undefined, row.unreadable, alg)
}

function readSecret(bytes: Uint8Array): Result<KeyObject, KeyRefusal> {
  const disguised = publicKeyIn(bytes)
  return disguised === undefined ? ok(secretMaterial(bytes)) : refuse(disguised)
}

function readPair(
  publicPart: readonly (readonly [string, unknown])[],
  whole: readonly (readonly [string, unknown])[] | undefined,
  unreadable: KeyRefusal,
  alg: KeyAlgorithm,
): Result<KeyObject, KeyRefusal> {
  const publicKey = readJwkMaterial(Object.fromEntries(publicPart), 'public')
  if (publicKey === undefined) return refuse(unreadable)
  if (whole === undefined) return ok(publicKey)
  // The public half is checked before the private one computes anything.
  const checked = checkMaterial(publicKey, alg)
  if (!checked.ok) return checked
  const privateKey = readJwkMaterial(Object.fromEntries(whole), 'private')
  return privateKey !== undefined && privateKeyAgrees(privateKey, publicKey)
    ? ok(privateKey)
    : refuse(inconsistent)
}

interface Members {
  readonly members: readonly string[]
  readonly privateMembers: readonly string[]
  /** The member that makes a key private; empty for secrets, which have no public half. */
  readonly decisive: string
  /** The refusal when the runtime refuses the public half. */
  readonly unreadable: KeyRefusal
  /** Units: bytes. */
  readonly bytes?: (member: string) => number
}

function membersOf({ kty, crv, alg }: Jwk, shape: KeyShape): Members | undefined {
  if (shape.names.length === 0) {
    return kty === shape.kty ? (kty === 'oct' ? secretMembers : rsaMembers) : undefined
  }
  const name = kty === 'AKP' ? alg : crv
  if (typeof name !== 'string' || !shape.names.includes(name)) return undefined
  const row = namedMembers.get(name)
  return row?.kty === kty ? row : undefined
}

const inconsistent: KeyRefusal = { reason: 'key_inconsistent' }

const secretMembers: Members = {
  members: ['k'],
  privateMembers: [],
  decisive: '',
  unreadable: inconsistent,
}
const rsaMembers: Members = {
  members: ['n', 'e'],
  privateMembers: ['d', 'p', 'q', 'dp', 'dq', 'qi'],
  decisive: 'd',
  unreadable: inconsistent,
}

const namedMembers: ReadonlyMap<string, Members & { readonly kty: string }> = new Map([
  ['P-256', pointMembers('EC', 'P-256', 32)],
  ['P-384', pointMembers('EC', 'P-384', 48)],
  ['P-521', pointMembers('EC', 'P-521', 66)],
  ['Ed25519', pointMembers('OKP', 'Ed25519', 32)],
  ['X25519', pointMembers('OKP', 'X25519', 32)],
  ['Ed448', pointMembers('OKP', 'Ed448', 57)],
  ['ML-DSA-44', latticeMembers(1312)],
  ['ML-DSA-65', latticeMembers(1952)],
  ['ML-DSA-87', latticeMembers(2592)],
])

function pointMembers(
  kty: 'EC' | 'OKP',
  curve: string,
  bytes: number,
): Members & { readonly kty: string } {
  const members = kty === 'EC' ? ['x', 'y'] : ['x']
  const unreadable: KeyRefusal = { reason: 'point_invalid', curve }
  return { kty, members, privateMembers: ['d'], decisive: 'd', unreadable, bytes: () => bytes }
}

/** RFC 9964 §3: the private key is the seed of 32 bytes, never the expanded form. */
function latticeMembers(publicBytes: number): Members & { readonly kty: string } {
  return {
    kty: 'AKP',
    members: ['pub'],
    privateMembers: ['priv'],
    decisive: 'priv',
    unreadable: inconsistent,
    bytes: (member) => (member === 'pub' ? publicBytes : 32),
  }
}

function readBytes(value: unknown): Uint8Array | undefined {
  return typeof value === 'string' && value.length <= 8192 ? decodeBase64url(value) : undefined
}

function malformed(member: string): Result<never, KeyRefusal> {
  return refuse({ reason: 'jwk_malformed', member })
}
