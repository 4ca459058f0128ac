import type { JweRefusal, JwtRefusal, ProfileRefusal } from '@countersign/jwt'
import { jwtRefusalReasons } from '@countersign/jwt'
import type { FetchRefusal } from './outbound/fetch-document.ts'
import type { Scheme } from './policy/admission.ts'
import type { RevokingEntry } from './policy/revocation-entry.ts'

/** The guard's own reasons. The reasons of the token itself come from `@countersign/jwt`. */
const guardOwnReasons = [
  'credential_missing',
  'credential_malformed',
  'credentials_ambiguous',
  'scheme_unsupported',
  'cross_site',
  'issuer_unknown',
  'keys_unavailable',
  'plain_token',
  'decryption_failed',
  'token_inactive',
  'introspection_unavailable',
  'claims_invalid',
  'binding_missing',
  'binding_unsupported',
  'binding_mismatch',
  'binding_absent',
  'proof_missing',
  'proof_invalid',
  'proof_replayed',
  'proof_nonce_required',
  'proof_memory_full',
  'revoked',
  'claims_stale',
  'revocations_stale',
  'insufficient_scope',
  'insufficient_role',
  'insufficient_permission',
  'denied_by_rule',
  'authentication_too_old',
  'authentication_too_weak',
  'check_failed',
] as const satisfies readonly OwnFacts['reason'][]

/** All reasons of a guard. */
export const guardReasons: readonly GuardReason[] = [
  ...new Set([...guardOwnReasons, ...jwtRefusalReasons]),
]

/** Why a request was refused. The spelling is stable, so programs, logs and dashboards may rely on it. */
export type GuardReason = RefusalFacts['reason']

/**
 * A refused request with its facts, for log lines and programs. It never has the token or a secret. Text of a sender is
 * cut and legible.
 * Why: the client receives few of the facts (docs/guard.md), and none before the signature was proven.
 */
export type GuardRefusal = RefusalFacts & AboutToken

/** The names of a refused token. */
export interface AboutToken {
  /** Whether the signature was proven, so that the client may learn the reason. */
  readonly proven: boolean
  /** From the header, cut to 64 characters of ASCII. Unproven while `proven` is false. */
  readonly kid?: string
  /** From the header of an unproven token. */
  readonly alg?: string
  /** The issuer in an unproven token, if the guard does not trust it. */
  readonly claimedIssuer?: string
  /** Only of a token with a proven signature. */
  readonly jti?: string
}

/** The facts of each reason. */
export type RefusalFacts = OwnFacts | TokenFacts

/** `isPadded` names base64 padding, a frequent mistake of foreign signers. */
type TokenFacts =
  | Exclude<JwtRefusal, { readonly reason: 'malformed' }>
  | (Extract<JwtRefusal, { readonly reason: 'malformed' }> & { readonly isPadded?: true })

type OwnFacts =
  | CredentialFacts
  | SourceFacts
  | SenderFacts
  | RevocationRefusal
  | RequirementFacts
  | { readonly reason: 'plain_token' }
  | { readonly reason: 'decryption_failed'; readonly cause: DecryptionCause }
  /** `path` is the claim that the owner's schema refused. */
  | { readonly reason: 'claims_invalid'; readonly path: string }
  /** `fault` is the name of the exception. `onRefusal` receives the exception itself. */
  | {
      readonly reason: 'check_failed'
      readonly fault: string
      readonly retryAfterSeconds: number
    }

/** The place of a credential in a request. */
export type CredentialPlace = 'header' | 'cookie'

/** The scheme of an `Authorization` header. `none` means a single word, such as a token without `Bearer`. */
export type FoundScheme = 'basic' | 'digest' | 'negotiate' | 'dpop' | 'none' | 'other'

type CredentialFacts =
  | { readonly reason: 'credential_missing' }
  | { readonly reason: 'credential_malformed'; readonly place: CredentialPlace }
  | { readonly reason: 'credentials_ambiguous'; readonly place: CredentialPlace }
  | { readonly reason: 'scheme_unsupported'; readonly found: FoundScheme }
  | {
      readonly reason: 'cross_site'
      readonly check: 'cookie_name' | 'sec_fetch_site' | 'origin_missing' | 'origin'
      readonly found?: string
      readonly expected?: string
    }

/** Why an envelope did not open. `key_missing` means that the guard has no decryption keys. */
export type DecryptionCause = JweRefusal | { readonly reason: 'key_missing' }

type SourceFacts =
  /** `expected` is empty if issuers come from a look-up. */
  | {
      readonly reason: 'issuer_unknown'
      readonly found: string
      readonly expected: readonly string[]
    }
  /** `failure` explains the last fetch in one line. `busy` means too many pending look-ups of issuers. */
  | {
      readonly reason: 'keys_unavailable'
      readonly purpose: 'verify' | 'decrypt' | 'busy'
      readonly issuer?: string
      readonly failure?: string
      readonly skipped: readonly string[]
      readonly retryAfterSeconds: number
    }
  | { readonly reason: 'token_inactive'; readonly expiredAt?: number; readonly now: number }
  | {
      readonly reason: 'introspection_unavailable'
      readonly cause: FetchRefusal | { readonly reason: 'busy' }
      readonly retryAfterSeconds: number
    }

type SenderFacts =
  /** A bound token was sent without a proof, with this scheme. */
  | { readonly reason: 'binding_missing'; readonly scheme: Scheme }
  /** An unbound token was sent, and the guard requires a bound one. */
  | { readonly reason: 'binding_absent'; readonly scheme: Scheme }
  /** The names of the members of `cnf`. */
  | { readonly reason: 'binding_unsupported'; readonly found: readonly string[] }
  /** Both are thumbprints of public keys. */
  | { readonly reason: 'binding_mismatch'; readonly found: string; readonly expected: string }
  | { readonly reason: 'proof_missing' }
  | { readonly reason: 'proof_invalid'; readonly cause: ProofCause }
  | { readonly reason: 'proof_replayed' }
  /** `found` tells whether the proof had a nonce. The next proof needs `nonce`. */
  | {
      readonly reason: 'proof_nonce_required'
      readonly found: 'none' | 'stale'
      readonly nonce: string
    }
  | { readonly reason: 'proof_memory_full'; readonly retryAfterSeconds: number }

/** Why a proof of possession is not valid. */
export type ProofCause = Exclude<ProfileRefusal, { readonly reason: 'key_mismatch' }>

type RevocationRefusal =
  /** `by` is absent if the owner's view names no entry. */
  | { readonly reason: 'revoked'; readonly by?: RevokingEntry }
  | { readonly reason: 'claims_stale'; readonly by?: RevokingEntry }
  | {
      readonly reason: 'revocations_stale'
      readonly ageSeconds: number
      readonly retryAfterSeconds: number
    }

interface Insufficient<R> {
  readonly reason: R
  readonly required: readonly string[]
  readonly held: readonly string[]
}

type RequirementFacts =
  | Insufficient<'insufficient_scope'>
  /** The route requires at least one of `required`. */
  | Insufficient<'insufficient_role'>
  | Insufficient<'insufficient_permission'>
  | { readonly reason: 'denied_by_rule' }
  | {
      readonly reason: 'authentication_too_old'
      readonly maxAgeSeconds: number
      readonly authenticatedAt?: number
      readonly now: number
    }
  | {
      readonly reason: 'authentication_too_weak'
      readonly required: readonly string[]
      readonly held?: string
    }

/** The answer to a refused request. */
export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/**
 * The thrown form of a refusal.
 * Why: it has the members that Express, Fastify, Hono, Koa and Nest read. Its message is safe for clients.
 */
export class GuardRefused extends Error implements Answer {
  readonly refusal: GuardRefusal
  readonly status: number
  readonly statusCode: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly expose = true

  constructor(refusal: GuardRefusal, answer: Answer) {
    super(answer.body)
    this.name = 'GuardRefused'
    this.refusal = refusal
    this.status = answer.status
    this.statusCode = answer.status
    this.headers = answer.headers
    this.body = answer.body
  }

  /** Makes a `Response` of the answer, for Hono. */
  getResponse(): Response {
    return new Response(this.body, { status: this.status, headers: { ...this.headers } })
  }
}
