import type { EpochSeconds, Result } from '@countersign/jwt'
import { userPart } from '../grants/user-token.ts'
import type { ClientRecord, ResourceRecord } from '../store/port/records.ts'
import {
  levelIdleSecondsMax,
  levelSecondsMax,
  type SessionRecord,
} from '../store/port/session-verbs.ts'
import type { UserRecord } from '../store/port/user-records.ts'
import type { MintedToken, MintRefusal } from '../tokens/plan.ts'
import type { SessionDeps } from './session-types.ts'

/** The parts of a session that its access tokens show. */
export interface ShownSession extends Pick<SessionRecord, 'acr' | 'amr' | 'authTime' | 'provedAt'> {
  readonly sid: string
}

/** Mints the access token of a session, with the roles and scopes that the user has now. */
export async function mintForSession(
  user: UserRecord,
  session: ShownSession,
  client: ClientRecord,
  { store, resource: resourceNow, mint, now }: SessionDeps,
): Promise<Result<MintedToken, MintRefusal>> {
  const { acr, amr, authTime, sid } = session
  const resource = { ...resourceNow(), tokenTtlSeconds: tokenLifeOf(session, resourceNow(), now()) }
  const access = await store.users.listAccess(user.id)
  const own = access.find(({ audience }) => audience === resource.audience)
  const scopes = (own?.scopes ?? []).filter((scope) => resource.scopes.includes(scope))
  const person = userPart({ user, access }, resource.audience, authTime)
  return mint({
    client,
    resource,
    scopes,
    ...person,
    user: person.user && { ...person.user, acr, amr },
    sid,
    jkt: undefined,
    grant: 'session',
    now: now(),
  })
}

/** Gives the client of sessions. Throws: where it is gone, because no session can have a token then. */
export async function sessionClient({ client }: SessionDeps): Promise<ClientRecord> {
  const record = await client()
  if (record === undefined) throw new Error('the client of browser sessions is gone')
  return record
}

/**
 * Gives the life of an access token: that of its resource, or as long as level 2 lasts.
 * Units: seconds.
 */
export function tokenLifeOf(
  { acr, provedAt }: Pick<SessionRecord, 'acr' | 'provedAt'>,
  { tokenTtlSeconds }: Pick<ResourceRecord, 'tokenTtlSeconds'>,
  now: EpochSeconds,
): number {
  if (acr === '1') return tokenTtlSeconds
  const left = Math.max(1, Math.ceil(provedAt + levelSecondsMax - now))
  return Math.min(tokenTtlSeconds, levelIdleSecondsMax, left)
}
