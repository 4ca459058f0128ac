import { constantTimeEqual } from '../bytes/constant-time-equal.ts'
import { isJsonObject, parseStrictJsonLetters, type JsonObject } from '../bytes/strict-json.ts'
import { sha256Base64url } from '../crypto/key-objects.ts'
import { currentName, jwsAlgorithms, type JwsAlgorithm } from '../crypto/signature-algorithms.ts'
import { importKey } from '../jwk/import-key.ts'
import type { Jwk } from '../jwk/jwk.ts'
import { keySetOf } from '../jwk/key-set.ts'
import { keyShapes } from '../jwk/key-shapes.ts'
import { looksLike } from '../jwk/looks-like.ts'
import type { KeyRefusal } from '../jwk/refusal.ts'
import { thumbprint } from '../jwk/thumbprint.ts'
import { readHeader } from '../jws/header.ts'
import { createReader, type ProvenJws } from '../jws/reader.ts'
import { readAlgorithms } from '../jws/verify-jws.ts'
import { checkClaims, type ClaimRules } from '../jwt/check-claims.ts'
import type { JwtClaims } from '../jwt/claims.ts'
import { readLeeway, readNumber } from '../jwt/policy.ts'
import type { JwtRefusal } from '../jwt/refusal.ts'
import { ok, refuse, type Result } from '../result.ts'
import type { EpochSeconds } from '../time.ts'
import { normaliseRequestTarget, normaliseTarget } from './target-uri.ts'
import {
  claimMismatch,
  claimMissing,
  textOf,
  toVerified,
  type ProfileRefusal,
  type Verified,
} from './verified.ts'

/** The claims of a DPoP proof. */
export interface DpopProof extends JwtClaims {
  readonly htm: string
  readonly htu: string
  readonly iat: EpochSeconds
  readonly jti: string
}

/** The demands on every proof. */
export interface DpopPolicy {
  /** Signature algorithms with key pairs. A shared secret proves no possession to a server. */
  readonly algorithms: readonly JwsAlgorithm[]
  /**
   * The largest age of a proof.
   * Units: seconds, a day at most. Default: 60.
   */
  readonly maxAgeSeconds?: number
  /**
   * The largest lead of the sender's clock.
   * Units: seconds, 60 at most. Default: 10.
   */
  readonly leewaySeconds?: number
}

/** The request that a proof came with. */
export interface DpopRequest {
  readonly method: string
  /** The public URL of the request, as the sender wrote it. Query and fragment do not count. */
  readonly url: string
  /** The access token of the request. The proof must then carry its hash. */
  readonly accessToken?: string | undefined
  /** The nonce that the server issued. The proof must then carry it. */
  readonly nonce?: string | undefined
  /** The thumbprint that the access token is bound to. */
  readonly jkt?: string | undefined
  readonly now?: EpochSeconds | undefined
}

/** A proof that passed, with the thumbprint of the key that made it. */
export type VerifiedDpopProof = Verified<DpopProof> & { readonly jkt: string }

/**
 * Makes a verifier of DPoP proofs. It makes the checks of RFC 9449 §4.3 that need the proof alone.
 * Refuses (the verifier): all reasons of `ProfileRefusal`. `key_unknown` covers a `jwk` that is missing,
 * private, weak or for another algorithm, and RSA of more than 4,096 bits or with an exponent of more
 * than 32 bits.
 * Throws: on algorithms that do not exist or that use a secret, and on ages that are no numbers.
 * Not checked: that there is one proof only, and whether its `jti` was used before.
 * Source: RFC 9449 §4.2, §4.3, §11.1; RFC 3986 §6.2.2, §6.2.3 (comparing `htu`).
 */
export function createDpopProofVerifier(
  policy: DpopPolicy,
): (proof: string, request: DpopRequest) => Result<VerifiedDpopProof, ProfileRefusal> {
  const algorithms = readAlgorithms(policy.algorithms)
  if (algorithms.some((alg) => keyShapes[alg].kty === 'oct')) {
    throw new TypeError('createDpopProofVerifier: a proof needs an algorithm with a key pair')
  }
  const maxAgeSeconds = readNumber('maxAgeSeconds', policy.maxAgeSeconds ?? 60, 0, 86_400)
  const leeway = readLeeway(policy.leewaySeconds)
  const rules = { ...noRules, leeway }
  const known = new Map<string, Prover>()
  return (proof, request) => {
    const now = request.now ?? ((Date.now() / 1000) as EpochSeconds)
    if (!Number.isFinite(now)) throw new TypeError('now must be a finite number of seconds')
    const proven = proveDpop(proof, algorithms, known, request.jkt)
    if (!proven.ok) return proven
    const { claims, jkt } = proven.value
    const objection =
      checkClaims(claims, rules, now) ??
      checkRequest(claims, request) ??
      checkAge(claims['iat'], now - maxAgeSeconds)
    const settled = toVerified<DpopProof>(proven.value, objection)
    return settled.ok ? ok({ ...settled.value, jkt }) : settled
  }
}

interface Prover {
  readonly read: (token: string) => Result<ProvenJws, JwtRefusal>
  readonly jkt: string
}

/** Senders repeat their header, so a proven key is cached by the header's complete text. */
const proversMax = 256
const proofBytesMax = 8_192

interface Proven {
  readonly header: ProvenJws['header']
  readonly key: ProvenJws['key']
  readonly claims: JsonObject
  readonly jkt: string
}

function proveDpop(
  proof: string,
  algorithms: readonly JwsAlgorithm[],
  known: Map<string, Prover>,
  bound: string | undefined,
): Result<Proven, ProfileRefusal> {
  if (typeof proof !== 'string') return refuse({ reason: 'malformed', part: 'token' })
  if (proof.length > proofBytesMax)
    return refuse({ reason: 'too_large', bytes: proof.length, bytesMax: proofBytesMax })
  const text = proof.slice(0, Math.max(proof.indexOf('.'), 0))
  const found = known.get(text)
  const prover = found === undefined ? readProver(text, algorithms, bound) : ok(found)
  if (!prover.ok) return prover
  const { read, jkt } = prover.value
  if (bound !== undefined && !constantTimeEqual(jkt, bound)) return keyMismatch(jkt, bound)
  const proven = read(proof)
  if (!proven.ok) return proven
  if (known.size >= proversMax) known.clear()
  known.set(text, prover.value)
  const { header, key, letters } = proven.value
  const parsed = parseStrictJsonLetters(letters, claimLimits)
  if (!parsed.ok) return refuse({ reason: 'claims_malformed', cause: parsed.refusal.reason })
  if (!isJsonObject(parsed.value))
    return refuse({ reason: 'claims_malformed', cause: 'not_an_object' })
  return ok({ header, key, claims: parsed.value, jkt })
}

/**
 * Reads the key out of a header, the cheap checks first.
 * Why: the sender chose the key, so nothing is imported that the token is not bound to, or that is costly to use.
 */
function readProver(
  text: string,
  algorithms: readonly JwsAlgorithm[],
  bound: string | undefined,
): Result<Prover, ProfileRefusal> {
  const header = readHeader(text)
  if (!header.ok) return header
  const { alg: named, jwk } = header.value
  const alg = algorithms.find((allowed) => allowed === named)
  if (alg === undefined) return refuse({ reason: 'algorithm_not_allowed', allowed: algorithms })
  const unfit = (key: KeyRefusal) => refuse<ProfileRefusal>({ reason: 'key_unknown', key })
  if (!isJsonObject(jwk) || !isJwk(jwk)) return unfit({ reason: 'jwk_malformed', member: 'jwk' })
  const costly = findCostly(jwk)
  if (costly !== undefined) return unfit(costly)
  const jkt = thumbprintOf(jwk)
  if (jkt === undefined) return unfit({ reason: 'jwk_malformed', member: 'jwk' })
  if (bound !== undefined && !constantTimeEqual(jkt, bound)) return keyMismatch(jkt, bound)
  const names = jwsAlgorithms.filter((name) => currentName(name) === currentName(alg))
  const key = importKey(jwk, { alg: names.find((name) => name === jwk['alg']) ?? alg })
  if (!key.ok) return unfit(key.refusal)
  if (key.value.kind !== 'public')
    return unfit({ reason: 'private_key_exposed', looksLike: looksLike(jwk) })
  const read = createReader({
    keys: anyKid(keySetOf([key.value])),
    algorithms: [alg],
    typ: ['dpop+jwt'],
    tokenBytesMax: proofBytesMax,
  })
  return ok({ read, jkt })
}

function keyMismatch(found: string, expected: string) {
  return refuse<ProfileRefusal>({ reason: 'key_mismatch', found, expected })
}

/** The thumbprint of a key that has every member which counts. */
function thumbprintOf(jwk: Jwk): string | undefined {
  try {
    return thumbprint(jwk)
  } catch {
    return undefined
  }
}

/** Units: bits of a modulus; letters of base64url for it, and for an exponent of 32 bits. */
const modulusBitsMax = 4_096
const modulusLettersMax = 683
const exponentLettersMax = 6

/** Finds why an RSA key costs too much to use: 16,384 bits with a long exponent take 40 times as long. */
function findCostly({ kty, n, e }: Jwk): KeyRefusal | undefined {
  if (kty !== 'RSA') return undefined
  if (typeof n !== 'string') return { reason: 'jwk_malformed', member: 'n' }
  if (n.length > modulusLettersMax)
    return { reason: 'key_too_long', bits: n.length * 6, bitsMax: modulusBitsMax }
  if (typeof e === 'string' && e.length <= exponentLettersMax) return undefined
  return { reason: 'jwk_malformed', member: 'e' }
}

/** The header brings the one key, so its `kid` is ignored. */
function anyKid(set: ReturnType<typeof keySetOf>): ReturnType<typeof keySetOf> {
  return { ...set, find: ({ alg, use }) => set.find({ alg, use }) }
}

function isJwk(value: JsonObject): value is JsonObject & Jwk {
  return typeof value['kty'] === 'string'
}

const claimLimits = { depthMax: 4, membersMax: 64 }

const noRules: ClaimRules = {
  issuers: [],
  audiences: [],
  allowOtherAudiences: true,
  require: ['jti', 'htm', 'htu', 'iat'],
  expRequired: false,
  leeway: 0,
}

function checkRequest(
  claims: JsonObject,
  { method, url, accessToken, nonce }: DpopRequest,
): ProfileRefusal | undefined {
  const { htm, htu, ath } = claims
  if (htm !== method) return claimMismatch('htm', { found: textOf(htm), expected: method })
  const target = typeof htu === 'string' ? normaliseTarget(htu) : undefined
  const expected = normaliseRequestTarget(url)
  // Normal forms have no query, where a secret may be.
  if (target === undefined || target !== expected)
    return claimMismatch('htu', { found: target, expected })
  if (nonce !== undefined) {
    const given = claims['nonce']
    if (given === undefined) return claimMissing('nonce')
    if (typeof given !== 'string' || !constantTimeEqual(given, nonce)) return claimMismatch('nonce')
  }
  if (accessToken === undefined) return undefined
  if (ath === undefined) return claimMissing('ath')
  return ath === sha256Base64url(accessToken) ? undefined : claimMismatch('ath')
}

function checkAge(iat: unknown, oldest: number): ProfileRefusal | undefined {
  if (typeof iat !== 'number' || iat >= oldest) return undefined
  return {
    reason: 'too_old',
    claim: 'iat',
    at: iat as EpochSeconds,
    oldest: oldest as EpochSeconds,
  }
}
