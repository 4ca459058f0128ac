import type { AuditEvent } from './events.ts'

/**
 * The level at which an event becomes a line of the log. `act`: info where an operator or the service did it, none where
 * a client did. `none`: requests have debug lines of their own.
 */
type LevelRule = 'warn' | 'info' | 'act' | 'none'

/** Every event of the audit log, with its level. The compiler refuses an event without a level. */
const levelRules: Readonly<Record<AuditEvent['event'], LevelRule>> = {
  client_added: 'info',
  client_changed: 'info',
  client_disabled: 'info',
  client_enabled: 'info',
  client_removed: 'info',
  client_secret_added: 'info',
  client_secret_dropped: 'info',
  client_refused: 'none',
  user_added: 'act',
  user_enabled: 'act',
  user_profile_changed: 'act',
  user_disabled: 'act',
  user_erased: 'act',
  user_password_set: 'act',
  user_tokens_revoked: 'act',
  user_access_changed: 'act',
  user_password_rehashed: 'none',
  user_name_added: 'act',
  user_name_dropped: 'act',
  resource_added: 'info',
  resource_changed: 'info',
  resource_removed: 'info',
  token_issued: 'none',
  token_refused: 'none',
  family_opened: 'none',
  refresh_rotated: 'none',
  refresh_repeated: 'none',
  refresh_replayed: 'warn',
  family_ended: 'act',
  key_announced: 'info',
  key_activated: 'info',
  key_retired: 'info',
  key_gone: 'info',
  key_burnt: 'info',
  decryption_keys_given: 'none',
  decryption_keys_refused: 'none',
  keys_resealed: 'info',
  revocation_added: 'act',
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
  if (rule !== 'act') return rule
  return actor === 'operator' || actor === 'system' ? 'info' : undefined
}
