import type { AuditFacts } from '../../packages/server/src/audit/events.ts'
import { code, codes, madeBy, page, table } from './markdown.ts'

type EventName = AuditFacts['event']

/** The facts of one event. */
type FactsOf<E extends EventName, F = AuditFacts> = F extends { readonly event: infer Name }
  ? E extends Name
    ? F
    : never
  : never

/** A sentence, and the name of every fact of the event. */
interface EventRow<E extends EventName> {
  readonly says: string
  readonly facts: { readonly [Fact in Exclude<keyof FactsOf<E>, 'event'>]-?: true }
}

const client = { clientId: true } as const
const generation = { clientId: true, sid: true, generation: true } as const
const key = { kid: true, alg: true } as const
const user = { userId: true } as const
const userVersion = { userId: true, version: true } as const
const refused = { clientId: true, reason: true, count: true, firstAt: true } as const

/** One row for every event. A new event, or a new fact of one, does not compile until it is here. */
const events: { readonly [E in EventName]: EventRow<E> } = {
  client_added: { says: 'A client was added.', facts: client },
  client_changed: { says: 'A client was changed.', facts: { ...client, change: true } },
  client_disabled: {
    says: 'A client was disabled. Its version rose, so its tokens are revoked.',
    facts: { ...client, version: true },
  },
  client_enabled: { says: 'A client was enabled again.', facts: client },
  client_removed: { says: 'A client was removed.', facts: client },
  client_secret_added: { says: 'A client has a new secret.', facts: { ...client, secretId: true } },
  client_secret_dropped: {
    says: 'A secret of a client was dropped.',
    facts: { ...client, secretId: true },
  },
  client_refused: { says: 'A client was not authenticated.', facts: refused },
  user_added: { says: 'A user was added.', facts: user },
  user_imported: { says: 'A user of another product was imported.', facts: user },
  user_enabled: { says: 'A user was enabled again.', facts: user },
  user_profile_changed: { says: 'The profile of a user was changed.', facts: user },
  user_disabled: {
    says: 'A user was disabled. The version rose, so the tokens of the user are revoked.',
    facts: userVersion,
  },
  user_erased: { says: 'A user was erased.', facts: userVersion },
  user_password_set: {
    says: 'A user has a new password. The version rose, so the tokens of the user are revoked.',
    facts: userVersion,
  },
  user_address_verified: {
    says: 'A user proved the address of the account, which is active from then on.',
    facts: user,
  },
  user_address_changed: { says: 'A user changed or added an address.', facts: user },
  user_address_restored: {
    says: 'A former address undid its change. The version rose, so the tokens of the user are revoked.',
    facts: userVersion,
  },
  user_invited: { says: 'Somebody was invited.', facts: {} },
  user_tokens_revoked: {
    says: 'The tokens of a user were revoked. The user stays as before.',
    facts: userVersion,
  },
  user_access_changed: {
    says: 'The scopes or roles of a user at a resource were changed.',
    facts: { ...userVersion, audience: true },
  },
  user_erasure_requested: {
    says: 'A person asked for the deletion of the account.',
    facts: { userId: true, waitSeconds: true },
  },
  user_erasure_revoked: {
    says: 'A waiting deletion was revoked, and the account stays.',
    facts: { userId: true },
  },
  user_exported: {
    says: 'A person took a copy of all data about the account.',
    facts: { userId: true },
  },
  user_password_rehashed: {
    says: 'The hash of a password was made again with the present pepper and cost.',
    facts: { ...user, pepperId: true },
  },
  user_name_added: {
    says: 'A user has a further name or address.',
    facts: { ...user, kind: true },
  },
  user_name_dropped: {
    says: 'A name or address of a user was dropped.',
    facts: { ...user, kind: true },
  },
  passkey_added: { says: 'A user added a passkey.', facts: { ...user, aaguid: true } },
  passkey_removed: { says: 'A user removed a passkey.', facts: { ...user, aaguid: true } },
  passkey_renamed: { says: 'A user gave a passkey another name.', facts: user },
  passkey_counter_low: {
    says: 'The counter of a passkey did not rise. A copy of the passkey would cause that.',
    facts: { ...user, isDeviceBound: true, counter: true },
  },
  mail_sent: {
    says: 'A mail server took a mail. The log has no address.',
    facts: { mailId: true, template: true, tries: true },
  },
  mail_failed: {
    says: 'A mail was given up. Its reason is that of the last try, or `expired`.',
    facts: { mailId: true, template: true, tries: true, reason: true },
  },
  resource_added: { says: 'A resource was added.', facts: { audience: true } },
  resource_changed: {
    says: 'A resource was changed.',
    facts: { audience: true, change: true },
  },
  resource_removed: { says: 'A resource was removed.', facts: { audience: true } },
  token_issued: {
    says: 'Access tokens were issued. Plain ones are counted, all others have a row each.',
    facts: { ...client, audience: true, grant: true, count: true, jti: true, subject: true },
  },
  token_refused: { says: 'A grant was refused.', facts: { ...refused, grant: true } },
  family_opened: {
    says: 'A login opened a family.',
    facts: { ...client, sid: true, subject: true },
  },
  session_proved: {
    says: 'The user of a session proved again to be there.',
    facts: { ...user, sid: true, acr: true },
  },
  totp_set: { says: 'A user has a code app.', facts: user },
  totp_removed: { says: 'A user has no code app any more.', facts: user },
  recovery_codes_made: {
    says: 'A user has new recovery codes. Former ones no longer work.',
    facts: { ...user, count: true },
  },
  recovery_code_used: {
    says: 'A user signed in or confirmed with a recovery code.',
    facts: { ...user, codesLeft: true },
  },
  factors_reset: {
    says: 'An operator removed all second factors of a user, with all tokens and sessions.',
    facts: userVersion,
  },
  sign_in_refused: {
    says: 'A sign-in of a known user was refused.',
    facts: { ...refused, userId: true },
  },
  code_replayed: {
    says: 'A code was used twice. The family of its first use ended.',
    facts: { clientId: true, sid: true },
  },
  consent_given: {
    says: 'A user let a client have access.',
    facts: { clientId: true, userId: true, audience: true, scopes: true },
  },
  consent_revoked: {
    says: 'A client lost its access for a user. Its families of this user ended.',
    facts: { clientId: true, userId: true, reason: true },
  },
  refresh_rotated: { says: 'A refresh token was exchanged for its successor.', facts: generation },
  refresh_repeated: {
    says: 'The previous refresh token got the same successor.',
    facts: generation,
  },
  refresh_replayed: {
    says: 'An old refresh token was used after its successor. The family ended.',
    facts: generation,
  },
  family_ended: {
    says: 'A family ended with its access tokens.',
    facts: { ...client, sid: true, reason: true },
  },
  key_announced: { says: 'A key was published and does not sign yet.', facts: key },
  key_activated: { says: 'A key signs or encrypts from now on.', facts: key },
  key_retired: { says: 'A key no longer signs, and is still published.', facts: key },
  key_gone: { says: 'A retired key was deleted.', facts: key },
  key_burnt: { says: 'A key was burnt. Every token under it is refused.', facts: key },
  decryption_keys_given: {
    says: 'The client of a resource received its private keys.',
    facts: { ...client, audience: true, kids: true },
  },
  decryption_keys_refused: { says: 'A client did not receive private keys.', facts: refused },
  keys_resealed: {
    says: 'Private keys were sealed under another key-encryption key.',
    facts: { count: true },
  },
  revocation_added: {
    says: 'An entry was added to the revocation log.',
    facts: { kind: true, target: true, sequence: true },
  },
  family_tokens_folded: {
    says: 'Many single revocations of a family became the end of the family.',
    facts: { sid: true, count: true },
  },
  client_tokens_folded: {
    says: 'Many single revocations of a client became a new version of the client.',
    facts: { ...client, count: true, version: true },
  },
  log_went_back: {
    says: 'The log in the database is older than a node knew it.',
    facts: { known: true, found: true },
  },
  log_healed: {
    says: 'A node wrote lost entries of the log again.',
    facts: { entries: true, clients: true, users: true, keys: true },
  },
  database_moved: {
    says: 'All rows of a SQLite database came into this Postgres database.',
    facts: { rows: true },
  },
  epoch_started: { says: 'A new epoch of the log began.', facts: { epoch: true, reason: true } },
}

/** Makes the reference of the audit events. */
export function auditPage(): string {
  return page([
    '# Audit events',
    `Every event of the audit log. ${madeBy('the union of events')}`,
    'An event is committed with the act that it describes. It holds ids and reasons, never a token or a secret.',
    table(
      ['event', 'meaning', 'facts'],
      Object.entries(events).map(([name, { says, facts }]) => [
        code(name),
        says,
        codes(Object.keys(facts)),
      ]),
    ),
    'Each event also has these facts:',
    table(
      ['fact', 'meaning'],
      [
        [code('requestId'), 'The id of the request. The answer to a refused request names it too.'],
        [
          code('address'),
          'The address of the socket, or the one that a listed proxy reported. It is `null` for commands and timers.',
        ],
        [
          code('actor'),
          '`client:` with the client id, `operator`, `system`, or `null` where it is unknown.',
        ],
      ],
    ),
    '`count` says how many equal events one row stands for. [The reasons](http.md#reasons-in-the-audit-log) of `client_refused` and `token_refused` are in the HTTP reference.',
    'Next: [the metrics](metrics.md), which count these events.',
  ])
}
