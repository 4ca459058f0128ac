import type { AuditContext } from '../../audit/events.ts'
import type {
  ClaimedMail,
  MailClaim,
  MailFailure,
  OutboxState,
  OutboxVerbs,
} from '../port/outbox-verbs.ts'
import type { UserId } from '../port/user-records.ts'
import { all, one, type Driver, type Row, type Verb } from '../port/verb.ts'
import { appendMail } from './append-mail.ts'
import { bytes, moment, momentOrNull, number, text, textOrNull } from './columns.ts'
import { writeAudit } from './log.ts'

/** The verbs of mail that waits. */
export function outboxVerbs({ read, write, onCommit }: Driver): OutboxVerbs {
  return {
    enqueue: (mails) => write(() => appendMail(mails)),
    take: (claim, limit, leaseSeconds, audit) =>
      write(() => takeDue(claim, limit, leaseSeconds, audit)),
    sent: (claim, audit) => write(() => dropSent(claim, audit)),
    failed: (failure, audit) => write(() => noteFailure(failure, audit)),
    state: () => read(readState),
    onMail: (listener) =>
      onCommit((topic) => {
        if (topic === 'outbox') listener()
      }),
  }
}

/** The expired rows that one call drops at most. */
const expiredMax = 100

// A row that a node is sending is left to that node.
const dropExpired = `with old as (select id from outbox where expires_at <= {now} and claimed_until <= {now}
    order by expires_at limit $1 {skip})
  delete from outbox where id in (select id from old) returning id, template, tries`
const claimDue = `with due as (select id from outbox
    where not_before <= {now} and claimed_until <= {now} and expires_at > {now}
    order by not_before, id limit $3 {skip})
  update outbox set claim = $1, claimed_until = {now} + $2, tries = tries + 1
  where id in (select id from due) returning *`

function* takeDue(
  claim: string,
  limit: number,
  leaseSeconds: number,
  audit: AuditContext,
): Verb<readonly ClaimedMail[]> {
  for (const row of yield* all(dropExpired, expiredMax)) yield* writeGivenUp(row, 'expired', audit)
  const rows = yield* all(claimDue, claim, leaseSeconds, limit)
  return rows.map(mailOf).toSorted((a, b) => a.createdAt - b.createdAt)
}

// The node that sent it deletes it, whether or not its claim has lasted.
const deleteSent = `delete from outbox where id = $1 returning template, tries`

function* dropSent({ id }: MailClaim, audit: AuditContext): Verb<'sent' | 'gone'> {
  const row = yield* one(deleteSent, id)
  if (row === undefined) return 'gone'
  const facts = { template: text(row, 'template'), tries: number(row, 'tries') }
  yield* writeAudit({ event: 'mail_sent', mailId: id, ...facts }, audit)
  return 'sent'
}

const postpone = `update outbox set claim = null, claimed_until = 0, not_before = {now} + $3
  where id = $1 and claim = $2 and {now} + $3 < expires_at returning id`
const deleteFailed = `delete from outbox where id = $1 and claim = $2 returning id, template, tries`

function* noteFailure(
  { id, claim, reason, againAfterSeconds }: MailFailure,
  audit: AuditContext,
): Verb<'again' | 'gave_up' | 'lost'> {
  if (againAfterSeconds !== null) {
    const waits = yield* one(postpone, id, claim, againAfterSeconds)
    if (waits !== undefined) return 'again'
  }
  const row = yield* one(deleteFailed, id, claim)
  if (row === undefined) return 'lost'
  yield* writeGivenUp(row, reason, audit)
  return 'gave_up'
}

function* writeGivenUp(row: Row, reason: string, audit: AuditContext): Verb<void> {
  const facts = { mailId: text(row, 'id'), template: text(row, 'template') }
  yield* writeAudit({ event: 'mail_failed', ...facts, tries: number(row, 'tries'), reason }, audit)
}

/** Counting goes on up to here. */
const countedMax = 10_000

const selectState = `select
  (select count(*) from (select 1 from outbox limit ${countedMax}) as some_mail) as waiting,
  (select min(created_at) from outbox) as oldest_at,
  (select count(*) from (select 1 from outbox
    where (not_before <= {now} or expires_at <= {now}) and claimed_until <= {now} limit 1) as due_mail) as due`

function* readState(): Verb<OutboxState> {
  const row = yield* one(selectState)
  if (row === undefined) throw new Error('the outbox gave no state')
  return {
    waiting: number(row, 'waiting'),
    oldestAt: momentOrNull(row, 'oldest_at'),
    isDue: number(row, 'due') > 0,
  }
}

function mailOf(row: Row): ClaimedMail {
  return {
    id: text(row, 'id'),
    recipientHash: text(row, 'recipient_hash'),
    userId: textOrNull(row, 'user_id') as UserId | null,
    template: text(row, 'template'),
    sealed: bytes(row, 'sealed'),
    createdAt: moment(row, 'created_at'),
    tries: number(row, 'tries'),
  }
}
