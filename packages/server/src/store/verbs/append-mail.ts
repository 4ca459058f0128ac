import type { NewMail } from '../port/outbox-verbs.ts'
import type { Verb } from '../port/verb.ts'

const insertMail = `insert into outbox
  (id, recipient_hash, user_id, template, sealed, created_at, expires_at, not_before, tries, claimed_until)
  values ($1, $2, $3, $4, $5, {now}, {now} + $6, {now}, 0, 0)`

/** Writes mail as the step of a verb, so that mail and its cause are committed together or not at all. */
export function* appendMail(mails: readonly NewMail[]): Verb<void> {
  for (const { id, recipientHash, userId, template, sealed, ttlSeconds } of mails)
    yield {
      sql: insertMail,
      params: [id, recipientHash, userId, template, sealed, ttlSeconds],
      rows: 'none',
      audit: null,
      followUp: null,
      tell: ['outbox'],
      batch: null,
    }
}
