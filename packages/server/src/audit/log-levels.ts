import type { AuditEvent } from './events.ts'

/**
 * The level at which an event becomes a line of the log. `admin`: info, unless the service did it by itself. `operator`:
 * info only where an operator did it, because clients and users do the same. `none`: requests have debug lines.
 */
type LevelRule = 'warn' | 'info' | 'admin' | 'operator' | 'none'

/** Every event of the audit log, with its level. The compiler refuses an event without a level. */
const levelRules: Readonly<Record<AuditEvent['event'], LevelRule>> = {
  client_added: 'admin',
  client_changed: 'admin',
  client_disabled: 'admin',
  client_enabled: 'admin',
  client_removed: 'admin',
  client_secret_added: 'admin',
  client_secret_dropped: 'admin',
  client_refused: 'none',
  sign_in_refused: 'none',
  user_added: 'operator',
  user_imported: 'none',
  user_enabled: 'operator',
  user_profile_changed: 'operator',
  user_disabled: 'operator',
  user_erased: 'operator',
  user_password_set: 'operator',
  user_tokens_revoked: 'operator',
  user_access_changed: 'operator',
  user_erasure_requested: 'none',
  user_erasure_revoked: 'none',
  user_exported: 'none',
  user_password_rehashed: 'none',
  user_name_added: 'operator',
  user_name_dropped: 'operator',
  passkey_added: 'none',
  passkey_removed: 'none',
  passkey_renamed: 'none',
  passkey_counter_low: 'warn',
  mail_sent: 'none',
  mail_failed: 'warn',
  user_address_verified: 'none',
  user_address_changed: 'none',
  user_address_restored: 'info',
  user_invited: 'operator',
  resource_added: 'admin',
  resource_changed: 'admin',
  resource_removed: 'admin',
  token_issued: 'none',
  token_refused: 'none',
  family_opened: 'none',
  session_proved: 'none',
  totp_set: 'none',
  totp_removed: 'none',
  recovery_codes_made: 'none',
  recovery_code_used: 'none',
  factors_reset: 'operator',
  code_replayed: 'warn',
  consent_given: 'none',
  consent_revoked: 'operator',
  refresh_rotated: 'none',
  refresh_repeated: 'none',
  refresh_replayed: 'warn',
  family_ended: 'operator',
  key_announced: 'admin',
  key_activated: 'info',
  key_retired: 'admin',
  key_gone: 'admin',
  key_burnt: 'info',
  decryption_keys_given: 'none',
  decryption_keys_refused: 'none',
  keys_resealed: 'info',
  revocation_added: 'operator',
  family_tokens_folded: 'info',
  client_tokens_folded: 'info',
  log_went_back: 'warn',
  log_healed: 'warn',
  database_moved: 'info',
  epoch_started: 'warn',
}

/** The names of all events, in the order of the table. */
export const eventNames = Object.keys(levelRules) as readonly AuditEvent['event'][]

/** Gives the level of the line for an event; `undefined` where it has none. */
export function levelOfEvent({ event, actor }: AuditEvent): 'warn' | 'info' | undefined {
  const rule = levelRules[event]
  if (rule === 'none') return undefined
  if (rule === 'admin') return actor === 'system' ? undefined : 'info'
  if (rule === 'operator') return actor === 'operator' ? 'info' : undefined
  return rule
}
