import type { JweRefusal, JwtRefusal, ProfileRefusal } from '@countersign/jwt'
import { jwtRefusalReasons } from '@countersign/jwt'
import type { FetchRefusal } from './outbound/fetch-document.ts'
import type { Scheme } from './policy/admission.ts'
import type { RevokingEntry } from './policy/revocation-entry.ts'

/** Every reason of the guard's own; those of the token itself come from `@countersign/jwt`. */
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

/** Every reason a guard can give. */
export const guardReasons: readonly GuardReason[] = [
  ...new Set([...guardOwnReasons, ...jwtRefusalReasons]),
]

/** Why a request was refused. Stable: programs, logs and dashboards may rely on the spelling. */
export type GuardReason = RefusalFacts['reason']

/**
 * A refused request with its facts, for log lines and programs; never the token, nor anything secret. Text that a
 * sender wrote is cut, and legible.
 * Why: the client receives few of the facts (docs/guard.md), and none before the signature was proven.
 */
export type GuardRefusal = RefusalFacts & AboutToken

/** The names of a refused token. */
export interface AboutToken {
  /** Whether the signature was proven, so that the client may learn the reason. */
  readonly proven: boolean
  /** From the header, cut to 64 characters of ASCII; unproven while `proven` is false. */
  readonly kid?: string
  /** From the header of a token that is not proven. */
  readonly alg?: string
  /** The issuer that a token names, where it is not proven and not the one that the guard trusts. */
  readonly claimedIssuer?: string
  /** Only of a token whose signature was proven. */
  readonly jti?: string
}

/** The facts of each reason. */
export type RefusalFacts = OwnFacts | TokenFacts

/** A text with padding is `malformed` like any other; `isPadded` names this one slip of foreign signers. */
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
  /** `path`: where the owner's schema found the fault. */
  | { readonly reason: 'claims_invalid'; readonly path: string }
  /** `fault`: the name of the exception, which `onRefusal` receives whole. */
  | {
      readonly reason: 'check_failed'
      readonly fault: string
      readonly retryAfterSeconds: number
    }

/** The place of a credential in a request. */
export type CredentialPlace = 'header' | 'cookie'

/** The scheme of an `Authorization` header. `none`: it holds one word only, such as a token without `Bearer`. */
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

/** Why an envelope did not open. `key_missing`: the guard has no keys for that at all. */
export type DecryptionCause = JweRefusal | { readonly reason: 'key_missing' }

type SourceFacts =
  /** `expected` is empty where issuers are looked up. */
  | {
      readonly reason: 'issuer_unknown'
      readonly found: string
      readonly expected: readonly string[]
    }
  /** `failure`: the last failed fetch in one line. `busy`: too many issuers are being looked up. */
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
  /** A token that is bound to a key came without a proof, by this scheme. */
  | { readonly reason: 'binding_missing'; readonly scheme: Scheme }
  /** A token that is bound to no key came where one is asked for. */
  | { readonly reason: 'binding_absent'; readonly scheme: Scheme }
  /** The names of the members of `cnf`. */
  | { readonly reason: 'binding_unsupported'; readonly found: readonly string[] }
  /** Both are thumbprints of public keys. */
  | { readonly reason: 'binding_mismatch'; readonly found: string; readonly expected: string }
  | { readonly reason: 'proof_missing' }
  | { readonly reason: 'proof_invalid'; readonly cause: ProofCause }
  | { readonly reason: 'proof_replayed' }
  /** `found`: whether the proof had a nonce. `nonce` is the one that the next proof has to carry. */
  | {
      readonly reason: 'proof_nonce_required'
      readonly found: 'none' | 'stale'
      readonly nonce: string
    }
  | { readonly reason: 'proof_memory_full'; readonly retryAfterSeconds: number }

/** Why a proof of possession is not valid. */
export type ProofCause = Exclude<ProfileRefusal, { readonly reason: 'key_mismatch' }>

type RevocationRefusal =
  /** `by` is absent where a view that the owner gave does not say it. */
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
  /** At least one of `required` is asked for. */
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

/** What a refused request is answered. */
export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/**
 * The one thrown form of a refusal.
 * Why: it carries the fields that Express, Fastify, Hono, Koa and Nest each look for; its message is for strangers.
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

  /** The answer as a `Response`, which Hono asks for. */
  getResponse(): Response {
    return new Response(this.body, { status: this.status, headers: { ...this.headers } })
  }
}
