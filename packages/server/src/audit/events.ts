import type { EpochSeconds } from '@countersign/jwt'
/**
 * The closed union of everything the audit log can say. Metrics are a fold over it.
 * Why: an event is committed with the act that it describes; it carries ids and reasons, never a token or a secret.
 */
export type AuditEvent = AuditFacts & AuditContext

/** Requester, address and request id, the same for each event of one request. */
export interface AuditContext {
  readonly requestId: string
  /** The address of the socket, or the one a listed proxy reported; `null` for the command line and timers. */
  readonly address: string | null
  /** The actor: `client:<client_id>`, `operator`, `system`, or `null` where it is unknown. */
  readonly actor: string | null
}

/** The event and its facts, keyed by `event`. */
export type AuditFacts =
  | { readonly event: 'client_added'; readonly clientId: string }
  | { readonly event: 'client_changed'; readonly clientId: string; readonly change: string }
  | { readonly event: 'client_disabled'; readonly clientId: string; readonly version: number }
  | { readonly event: 'client_enabled'; readonly clientId: string }
  | { readonly event: 'client_removed'; readonly clientId: string }
  | { readonly event: 'client_secret_added'; readonly clientId: string; readonly secretId: string }
  | {
      readonly event: 'client_secret_dropped'
      readonly clientId: string
      readonly secretId: string
    }
  | {
      readonly event: 'client_refused'
      readonly clientId: string
      readonly reason: string
      /** How many identical ones within a minute this event stands for. */
      readonly count: number
      /** When the first of them happened. */
      readonly firstAt?: EpochSeconds
    }
  | {
      readonly event:
        | 'user_added'
        | 'user_imported'
        | 'user_enabled'
        | 'user_profile_changed'
        | 'user_address_verified'
        | 'user_address_changed'
      readonly userId: string
    }
  | {
      /** The version is the one that the user has from then on; tokens of lower ones are revoked. */
      readonly event:
        | 'user_disabled'
        | 'user_erased'
        | 'user_password_set'
        | 'user_tokens_revoked'
        | 'user_address_restored'
      readonly userId: string
      readonly version: number
    }
  | {
      readonly event: 'user_access_changed'
      readonly userId: string
      readonly audience: string
      readonly version: number
    }
  | {
      /** The address is not here, because the audit log holds no names. */
      readonly event: 'user_invited'
    }
  | {
      readonly event: 'user_erasure_requested'
      readonly userId: string
      /** Until the account is deleted. */
      readonly waitSeconds: number
    }
  | { readonly event: 'user_erasure_revoked' | 'user_exported'; readonly userId: string }
  | { readonly event: 'user_password_rehashed'; readonly userId: string; readonly pepperId: string }
  | {
      readonly event: 'user_name_added' | 'user_name_dropped'
      readonly userId: string
      readonly kind: string
    }
  | {
      readonly event: 'passkey_added' | 'passkey_removed'
      readonly userId: string
      /** The id of the kind of authenticator. */
      readonly aaguid: string
    }
  | { readonly event: 'passkey_renamed'; readonly userId: string }
  | {
      /** The counter of a passkey did not rise, which a copy of it would cause. */
      readonly event: 'passkey_counter_low'
      readonly userId: string
      readonly isDeviceBound: boolean
      readonly counter: number
    }
  | {
      readonly event: 'mail_sent'
      readonly mailId: string
      readonly template: string
      readonly tries: number
    }
  | {
      /** The mail was dropped. The reason is that of the last try, or that it expired before. */
      readonly event: 'mail_failed'
      readonly mailId: string
      readonly template: string
      readonly tries: number
      readonly reason: string
    }
  | { readonly event: 'resource_added'; readonly audience: string }
  | { readonly event: 'resource_changed'; readonly audience: string; readonly change?: string }
  | { readonly event: 'resource_removed'; readonly audience: string }
  | {
      readonly event: 'token_issued'
      readonly clientId: string
      readonly audience: string
      readonly grant: string
      readonly count: number
      readonly jti: string | null
      /** In whose name, where the client went on for somebody else. */
      readonly subject?: string
    }
  | {
      readonly event: 'token_refused'
      readonly clientId: string
      readonly grant: string
      readonly reason: string
      /** How many identical ones within a minute this event stands for. */
      readonly count: number
      /** When the first of them happened. */
      readonly firstAt?: EpochSeconds
    }
  | {
      readonly event: 'family_opened'
      readonly clientId: string
      readonly sid: string
      /** The user who signed in, where it is no client. */
      readonly subject?: string
    }
  | {
      /** The user of a session proved again to be there. */
      readonly event: 'session_proved'
      readonly userId: string
      readonly sid: string
      readonly acr: string
    }
  | { readonly event: 'totp_set' | 'totp_removed'; readonly userId: string }
  | {
      readonly event: 'recovery_codes_made'
      readonly userId: string
      readonly count: number
    }
  | {
      readonly event: 'recovery_code_used'
      readonly userId: string
      readonly codesLeft: number
    }
  | {
      /** The version is the one that the user has from then on; tokens of lower ones are revoked. */
      readonly event: 'factors_reset'
      readonly userId: string
      readonly version: number
    }
  | {
      readonly event: 'sign_in_refused'
      /** The client that the sign-in is for. */
      readonly clientId: string
      readonly userId: string
      readonly reason: string
      /** How many identical ones within a minute this event stands for. */
      readonly count: number
      /** When the first of them happened. */
      readonly firstAt?: EpochSeconds
    }
  | {
      /** A code was used twice, and its family ended. */
      readonly event: 'code_replayed'
      readonly clientId: string
      readonly sid: string
    }
  | {
      readonly event: 'consent_given'
      readonly clientId: string
      readonly userId: string
      readonly audience: string
      readonly scopes: readonly string[]
    }
  | {
      readonly event: 'consent_revoked'
      readonly clientId: string
      readonly userId: string
      readonly reason: string
    }
  | {
      readonly event: 'refresh_rotated'
      readonly clientId: string
      readonly sid: string
      readonly generation: number
    }
  | {
      readonly event: 'refresh_repeated'
      readonly clientId: string
      readonly sid: string
      readonly generation: number
    }
  | {
      readonly event: 'refresh_replayed'
      readonly clientId: string
      readonly sid: string
      readonly generation: number
    }
  | {
      readonly event: 'family_ended'
      readonly clientId: string
      readonly sid: string
      readonly reason: string
    }
  | {
      readonly event: 'key_announced' | 'key_activated' | 'key_retired' | 'key_gone' | 'key_burnt'
      readonly kid: string
      readonly alg: string
    }
  | {
      /** Private keys left for the client that acts for the resource; named by their public names. */
      readonly event: 'decryption_keys_given'
      readonly clientId: string
      readonly audience: string
      readonly kids: readonly string[]
    }
  | {
      readonly event: 'decryption_keys_refused'
      readonly clientId: string
      readonly reason: string
      /** How many identical ones within a minute this event stands for. */
      readonly count: number
      /** When the first of them happened. */
      readonly firstAt?: EpochSeconds
    }
  | { readonly event: 'keys_resealed'; readonly count: number }
  | {
      readonly event: 'revocation_added'
      readonly kind: string
      readonly target: string
      readonly sequence: number
    }
  | {
      /** So many single revocations of one family that the family was ended instead. */
      readonly event: 'family_tokens_folded'
      readonly sid: string
      readonly count: number
    }
  | {
      /** So many single revocations of one client that its version was raised instead: all its tokens are dead. */
      readonly event: 'client_tokens_folded'
      readonly clientId: string
      readonly count: number
      readonly version: number
    }
  | {
      /** The log of revocations, or of changes, no longer continues what this node read: numbers of both. */
      readonly event: 'log_went_back'
      readonly known: number
      readonly found: number
    }
  | {
      /** A node wrote again what a rollback lost. Counts of entries, clients, users and keys. */
      readonly event: 'log_healed'
      readonly entries: number
      readonly clients: number
      readonly users: number
      readonly keys: number
    }
  | {
      /** All rows of a SQLite file came into this Postgres database. */
      readonly event: 'database_moved'
      readonly rows: number
    }
  | { readonly event: 'epoch_started'; readonly epoch: string; readonly reason: string }

/** The code of a refusal; behind its colon may stand what a client asked for, which is for the audit log alone. */
export function codeOf(reason: string): string {
  const colon = reason.indexOf(':')
  return colon === -1 ? reason : reason.slice(0, colon)
}

type Refusal = Extract<AuditFacts, { readonly event: `${string}_refused` }>

export function isRefusal(event: AuditEvent): event is Refusal & AuditContext {
  return (
    event.event === 'client_refused' ||
    event.event === 'token_refused' ||
    event.event === 'decryption_keys_refused' ||
    event.event === 'sign_in_refused'
  )
}
