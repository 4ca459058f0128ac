import { jwtRefusalReasons } from '@countersign/jwt'

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
] as const

export type GuardOwnReason = (typeof guardOwnReasons)[number]

/** Why a request was refused. Stable: programs, logs and dashboards may rely on the spelling. */
export type GuardReason = GuardOwnReason | (typeof jwtRefusalReasons)[number]

/** Every reason a guard can give. */
export const guardReasons: readonly GuardReason[] = [
  ...new Set([...guardOwnReasons, ...jwtRefusalReasons]),
]

/**
 * A refused request, as facts for a log line; never the token, nor anything secret.
 * Why: `proven` decides how much a stranger is told – before the signature was proven, one constant.
 */
export interface GuardRefusal {
  readonly reason: GuardReason
  readonly proven: boolean
  /**
   * The fact behind the reason: a name of the owner's policy or schema, the `typ` that was found, the cause of missing
   * keys or of a failed call. The client receives it only where `proven` is true.
   */
  readonly detail?: string
  /** From the header, cut to 64 characters of ASCII; unproven while `proven` is false. */
  readonly kid?: string
  /** Only of a token whose signature was proven. */
  readonly jti?: string
  /** What the route asks for, to be repeated in the challenge. */
  readonly scope?: string
  readonly acrValues?: string
  readonly maxAgeSeconds?: number
  readonly retryAfterSeconds?: number
  /** A nonce that the next proof of possession has to carry. */
  readonly nonce?: string
}

/** A text that a token brought, as a log line may hold it: cut, and `?` for what would break or turn the line. */
export function legible(text: string, lettersMax: number): string {
  let line = ''
  for (const letter of text.slice(0, lettersMax))
    line += letter >= ' ' && letter <= '~' ? letter : '?'
  return line
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
