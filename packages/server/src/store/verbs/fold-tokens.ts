import type { AuditContext } from '../../audit/events.ts'
import type { TokenOwner } from '../port/records.ts'
import { one, run, type Verb } from '../port/verb.ts'
import { number, text } from './columns.ts'
import { deleteEntries, writeAudit, type NewChange, type NewEntry } from './log.ts'

/** The most live token entries of one family; one more ends the family. */
const familyTokensMax = 100
/** The most live token entries of one client; one more raises the version of the client. */
const clientTokensMax = 5_000

/** The one entry that replaces many. */
export interface Folded {
  readonly entry: NewEntry
  readonly changes: readonly NewChange[]
}

// Answered by the index alone.
const countLive = `select count(*) as of_client, count(case when sid = $2 then 1 end) as of_family
  from revocations where cid = $1 and expires_at > {now}`

/**
 * Replaces the token entries of a family or a client by one entry for all its tokens, once there are too many.
 * Why the family comes first: it costs one user a login, and a raised version costs each user of the client a refresh.
 */
export function* foldTokens(
  { cid, sid }: TokenOwner,
  audit: AuditContext,
): Verb<Folded | undefined> {
  const counted = yield* one(countLive, cid, sid ?? '')
  if (counted === undefined) return undefined
  if (sid !== undefined && number(counted, 'of_family') >= familyTokensMax)
    return yield* foldFamily(cid, sid, audit)
  if (number(counted, 'of_client') < clientTokensMax) return undefined
  return yield* foldClient(cid, audit)
}

const returning = `returning sequence, hash, added_at, {now} as now`
const deleteFamily = `delete from families where sid = $1`
const deleteOfFamily = `delete from revocations where cid = $1 and sid = $2 ${returning}`

function* foldFamily(cid: string, sid: string, audit: AuditContext): Verb<Folded> {
  yield* run(deleteFamily, sid)
  const count = yield* deleteEntries(deleteOfFamily, cid, sid)
  yield* writeAudit({ event: 'family_tokens_folded', sid, count }, audit)
  return { entry: { target: { kind: 'sid', sid } }, changes: [] }
}

const raiseVersion = `update clients set version = version + 1 where internal_id = $1 returning id, version`
const deleteOfClient = `delete from revocations where cid = $1 ${returning}`

function* foldClient(cid: string, audit: AuditContext): Verb<Folded | undefined> {
  const client = yield* one(raiseVersion, cid)
  if (client === undefined) return undefined
  const count = yield* deleteEntries(deleteOfClient, cid)
  const clientId = text(client, 'id')
  const version = number(client, 'version')
  yield* writeAudit({ event: 'client_tokens_folded', clientId, count, version }, audit)
  const target = { kind: 'client', cid, belowVersion: version } as const
  return { entry: { target }, changes: [{ table: 'clients', id: clientId }] }
}
