import type { AuditContext } from '../../audit/events.ts'
import type { NewMail } from '../port/outbox-verbs.ts'
import type { Invitee, ProofVerbs, TicketPayloads } from '../port/proof-verbs.ts'
import { anyBrowser, type NewMailTicket } from '../port/ticket-verbs.ts'
import type { NameKey, UserAccess, UserId } from '../port/user-records.ts'
import { one, run, undo, type Verb } from '../port/verb.ts'
import { writeAudit } from './log.ts'
import { proveMail } from './mail-tickets.ts'
import { appendMail } from './append-mail.ts'
import { insertPassword } from './passwords.ts'
import { reclaimName } from './sign-up.ts'
import { createTicket } from './tickets.ts'
import { insertAccess, listAccess, lockResources, setAccess } from './user-access.ts'
import { insertName } from './user-names.ts'
import { insertUserRow, takenId } from './user-rows.ts'

const endFormer = `delete from tickets where purpose = 'invite' and name_key = $1`

/** Makes an invitation, as `ProofVerbs.invite` says. */
export function* invite(
  ticket: NewMailTicket,
  mail: readonly NewMail[],
  audit: AuditContext,
): Verb<void> {
  yield* run(endFormer, ticket.nameKey)
  yield* createTicket(ticket)
  yield* appendMail(mail)
  yield* writeAudit({ event: 'user_invited' }, audit)
}

type Accepted = Awaited<ReturnType<ProofVerbs['acceptInvite']>>

/** Accepts an invitation, as `ProofVerbs.acceptInvite` says. A refusal leaves the invitation as it is. */
export function* acceptInvite(
  linkHash: string,
  invitee: Invitee,
  audit: AuditContext,
): Verb<Accepted> {
  const proven = yield* proveMail('invite', { by: 'link', linkHash, browserHash: anyBrowser })
  if (proven.outcome !== 'proven' || proven.ticket.nameKey === null) return { outcome: 'unknown' }
  const { nameKey, payload } = proven.ticket
  const { address, access }: TicketPayloads['invite'] = JSON.parse(payload)
  if (!(yield* lockResources(access))) return yield* undo({ outcome: 'no_resource' })
  const outcome =
    invitee.kind === 'new'
      ? yield* addInvited(invitee, { key: nameKey as NameKey, shown: address }, access, audit)
      : yield* addAccess(invitee.id, nameKey, access, audit)
  if (outcome !== 'accepted') return yield* undo({ outcome })
  return { outcome, userId: invitee.id }
}

function* addInvited(
  { id, handle, password }: Extract<Invitee, { readonly kind: 'new' }>,
  name: { readonly key: NameKey; readonly shown: string },
  access: readonly UserAccess[],
  audit: AuditContext,
): Verb<'accepted' | 'taken'> {
  yield* reclaimName(name.key, audit)
  const taken = yield* insertName(id, { ...name, kind: 'address', isVerified: true })
  if (taken !== undefined) return 'taken'
  if (!(yield* insertUserRow(id, handle, 'active', {}))) throw takenId()
  yield* insertPassword(id, password)
  for (const each of access) yield* insertAccess(id, each)
  yield* writeAudit({ event: 'user_added', userId: id }, audit)
  return 'accepted'
}

const lockActive = `select id from users where id = $1 and status = 'active' {lock}`
const proveOwn = `update user_names set verified_at = {now} where key = $1 and user_id = $2 returning key`

/** Adds the access of an invitation to the one that a user has. */
function* addAccess(
  id: UserId,
  nameKey: string,
  access: readonly UserAccess[],
  audit: AuditContext,
): Verb<'accepted' | 'taken' | 'ended' | 'no_resource'> {
  if ((yield* one(lockActive, id)) === undefined) return 'ended'
  if ((yield* one(proveOwn, nameKey, id)) === undefined) return 'taken'
  const present = yield* listAccess(id)
  for (const { audience, scopes, roles } of access) {
    const had = present.find((one) => one.audience === audience) ?? { scopes: [], roles: [] }
    const both = {
      audience,
      scopes: [...new Set([...had.scopes, ...scopes])],
      roles: [...new Set([...had.roles, ...roles])],
    }
    if ((yield* setAccess(id, both, audit)) === 'no_resource') return 'no_resource'
  }
  return 'accepted'
}
