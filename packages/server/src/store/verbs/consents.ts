import type { AuditContext } from '../../audit/events.ts'
import type { ConnectedApp, ConsentVerbs } from '../port/consent-verbs.ts'
import type { UserId } from '../port/user-records.ts'
import { all, one, run, type Driver, type Row, type Verb } from '../port/verb.ts'
import { moment, text, textOrNull } from './columns.ts'
import { appendToLog, writeAudit } from './log.ts'

/** The verbs of the access that users let clients have. */
export function consentVerbs({ read, write }: Driver): ConsentVerbs {
  return {
    list: (userId) => read(() => listApps(userId)),
    revoke: (userId, clientId, reason, audit) =>
      write(() => revokeConsents(userId, clientId, reason, audit)),
  }
}

/** Units: rows of each kind that a list reads. */
const readMax = 1_000

const selectConsents = `select consents.client_id, consents.scopes, consents.given_at as since, clients.sign_in
  from consents left join clients on clients.id = consents.client_id
  where consents.user_id = $1 order by consents.client_id limit ${readMax}`
// A browser session is a family too, but no app has it.
const selectFamilies = `select families.client_id, families.access, client_sessions.identity_scopes,
    families.opened_at as since, clients.sign_in
  from families join client_sessions on client_sessions.sid = families.sid
    left join clients on clients.id = families.client_id
  where client_sessions.user_id = $1 and {now} < families.expires_at and {now} < families.idle_expires_at
  order by families.client_id limit ${readMax}`

function* listApps(userId: UserId): Verb<readonly ConnectedApp[]> {
  const consents = (yield* all(selectConsents, userId)).map((row) =>
    appOf(row, JSON.parse(text(row, 'scopes'))),
  )
  const families = (yield* all(selectFamilies, userId)).map((row) => appOf(row, scopesOf(row)))
  const apps = new Map<string, ConnectedApp>()
  for (const app of [...consents, ...families]) {
    const known = apps.get(app.clientId)
    apps.set(app.clientId, known === undefined ? app : mergeApps(known, app))
  }
  return [...apps.values()].toSorted((a, b) => (a.clientId < b.clientId ? -1 : 1))
}

function appOf(row: Row, scopes: readonly string[]): ConnectedApp {
  const signIn = textOrNull(row, 'sign_in')
  const { name = null } = signIn === null ? {} : JSON.parse(signIn)
  return {
    clientId: text(row, 'client_id'),
    name,
    scopes: [...new Set(scopes)],
    since: moment(row, 'since'),
  }
}

function scopesOf(row: Row): readonly string[] {
  const access: readonly { readonly scopes: readonly string[] }[] = JSON.parse(text(row, 'access'))
  const identity: readonly string[] = JSON.parse(text(row, 'identity_scopes'))
  return [...identity, ...access.flatMap(({ scopes }) => scopes)]
}

function mergeApps(one: ConnectedApp, other: ConnectedApp): ConnectedApp {
  const scopes = [...new Set([...one.scopes, ...other.scopes])]
  return { ...one, scopes, since: one.since < other.since ? one.since : other.since }
}

const deleteConsents = `delete from consents where user_id = $1 and client_id = $2 returning audience`
// A used code stays, so that its second use is known as one.
const deleteCodes = `delete from codes where user_id = $1 and client_id = $2 and family_sid is null`
const selectSids = `select sid from families where user_id = $1 and client_id = $2
  and sid not in (select sid from sessions where user_id = $1)`
const deleteFamily = `delete from families where sid = $1 returning client_id`

function* revokeConsents(
  userId: UserId,
  clientId: string,
  reason: string,
  audit: AuditContext,
): Verb<'revoked' | 'unknown'> {
  const consents = yield* all(deleteConsents, userId, clientId)
  // Codes before families: a code that is being redeemed has its family afterwards.
  yield* run(deleteCodes, userId, clientId)
  const found = (yield* all(selectSids, userId, clientId)).map((row) => text(row, 'sid'))
  const ended: string[] = []
  // In one order for all callers, so that two of them never wait for each other.
  for (const sid of found.toSorted()) {
    yield* run(`delete from client_sessions where sid = $1`, sid)
    if ((yield* one(deleteFamily, sid)) !== undefined) ended.push(sid)
  }
  if (consents.length === 0 && ended.length === 0) return 'unknown'
  yield* writeAudit({ event: 'consent_revoked', clientId, userId, reason }, audit)
  for (const sid of ended)
    yield* writeAudit({ event: 'family_ended', clientId, sid, reason }, audit)
  if (ended.length > 0)
    yield* appendToLog(
      ended.map((sid) => ({ target: { kind: 'sid', sid } as const })),
      [],
    )
  return 'revoked'
}
