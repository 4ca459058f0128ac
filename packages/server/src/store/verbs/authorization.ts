import type { AuditContext } from '../../audit/events.ts'
import {
  codeTriesMax,
  pendingPerBrowserMax,
  type AuthorizationVerbs,
  type ClientSession,
  type CodeOrigin,
  type CodeOutcome,
  type CodeRecord,
  type CodeRedemption,
  type ConsentKey,
  type ConsentRecord,
  type NewCode,
  type NewPendingAuthorization,
  type PendingAuthorization,
  type PendingKey,
} from '../port/authorization-verbs.ts'
import type { UserId } from '../port/user-records.ts'
import { one, run, undo, type Driver, type Row, type Verb } from '../port/verb.ts'
import { moment, text, textOrNull, truth } from './columns.ts'
import { appendToLog, writeAudit } from './log.ts'
import { openFamily } from './refresh-tokens.ts'

/** The verbs of the code flow: waiting requests, consents, codes, and sessions at clients. */
export function authorizationVerbs({ read, write }: Driver): AuthorizationVerbs {
  return {
    hold: (pending) => write(() => hold(pending)),
    findPending: (key) => read(() => findPending(key)),
    dropPending: (key) => write(() => dropPending(key)),
    findConsent: (key) => read(() => findConsent(key)),
    giveCode: (code, origin, audit) => write(() => giveCode(code, origin, audit)),
    findCode: (hash) => read(() => findCode(hash)),
    failCode: (hash, clientId) => write(() => failCode(hash, clientId)),
    redeemCode: (redemption, audit) => write(() => redeemCode(redemption, audit)),
    findClientSession: (sid) => read(() => findClientSession(sid)),
  }
}

const insertPending = `insert into authorizations (hash, browser_hash, client_id, request, started_at, expires_at)
  values ($1, $2, $3, $4, {now}, {now} + $5)`
const dropOldest = `delete from authorizations where hash in (select hash from authorizations where browser_hash = $1
  order by started_at desc, hash limit ${pendingPerBrowserMax} offset ${pendingPerBrowserMax})`

function* hold(pending: NewPendingAuthorization): Verb<void> {
  const { hash, browserHash, clientId, request, ttlSeconds } = pending
  yield* run(insertPending, hash, browserHash, clientId, request, ttlSeconds)
  yield* run(dropOldest, browserHash)
}

const selectPending = `select * from authorizations where hash = $1 and browser_hash = $2 and {now} < expires_at`

function* findPending({ hash, browserHash }: PendingKey): Verb<PendingAuthorization | undefined> {
  const row = yield* one(selectPending, hash, browserHash)
  return (
    row && {
      clientId: text(row, 'client_id'),
      request: text(row, 'request'),
      startedAt: moment(row, 'started_at'),
    }
  )
}

const deletePending = `delete from authorizations
  where hash = $1 and browser_hash = $2 and {now} < expires_at returning 1 as one`

function* dropPending({ hash, browserHash }: PendingKey): Verb<boolean> {
  return (yield* one(deletePending, hash, browserHash)) !== undefined
}

const selectConsent = `select * from consents
  where user_id = $1 and client_id = $2 and audience = $3 and redirect_host = $4`

function* findConsent(key: ConsentKey): Verb<ConsentRecord | undefined> {
  const { userId, clientId, audience, redirectHost } = key
  const row = yield* one(selectConsent, userId, clientId, audience, redirectHost)
  return (
    row && { ...key, scopes: JSON.parse(text(row, 'scopes')), givenAt: moment(row, 'given_at') }
  )
}

// The session gives its facts to the code, so that a code never says more than its session proved.
const insertCode = `insert into codes (hash, client_id, redirect_uri, user_id, session_sid, challenge, jkt, audience, scopes,
    identity_scopes, id_token_claims, userinfo_claims, nonce, offline, auth_time, acr, amr, attempts_left, expires_at)
  select $1, $2, $3, sessions.user_id, sessions.sid, $4, $5, $6, $7, $8, $9, $10, $11, $12, sessions.auth_time, sessions.acr,
    sessions.amr, ${codeTriesMax}, {now} + $13
  from sessions join families on families.sid = sessions.sid
  where sessions.sid = $14 and sessions.user_id = $15
    and {now} < families.expires_at and {now} < families.idle_expires_at
  returning 1 as one`

function* giveCode(
  code: NewCode,
  { pending, consent }: CodeOrigin,
  audit: AuditContext,
): Verb<'given' | 'spent' | 'session_ended'> {
  if (pending !== undefined && !(yield* dropPending(pending))) return yield* undo('spent')
  const row = yield* one(
    insertCode,
    code.hash,
    code.clientId,
    code.redirectUri,
    code.challenge,
    code.jkt,
    code.audience,
    JSON.stringify(code.scopes),
    JSON.stringify(code.identityScopes),
    JSON.stringify(code.idTokenClaims),
    JSON.stringify(code.userinfoClaims),
    code.nonce,
    code.isOffline ? 1 : 0,
    code.ttlSeconds,
    code.sessionSid,
    code.userId,
  )
  if (row === undefined) return yield* undo('session_ended')
  if (consent !== undefined) yield* keepConsent(consent, audit)
  return 'given'
}

const lockConsent = `${selectConsent} {lock}`
const upsertConsent = `insert into consents (user_id, client_id, audience, redirect_host, scopes, given_at)
  values ($1, $2, $3, $4, $5, {now})
  on conflict (user_id, client_id, audience, redirect_host)
  do update set scopes = excluded.scopes, given_at = excluded.given_at`

/** Adds the scopes to those that the user gave before. */
function* keepConsent(
  consent: Pick<ConsentRecord, keyof ConsentKey | 'scopes'>,
  audit: AuditContext,
): Verb<void> {
  const { userId, clientId, audience, redirectHost, scopes } = consent
  const row = yield* one(lockConsent, userId, clientId, audience, redirectHost)
  const before: readonly string[] = row === undefined ? [] : JSON.parse(text(row, 'scopes'))
  const all = JSON.stringify([...new Set([...before, ...scopes])])
  yield* run(upsertConsent, userId, clientId, audience, redirectHost, all)
  yield* writeAudit({ event: 'consent_given', clientId, userId, audience, scopes }, audit)
}

const selectCode = `select * from codes where hash = $1`

function* findCode(hash: string): Verb<CodeRecord | undefined> {
  const row = yield* one(selectCode, hash)
  return row && readCode(row)
}

const countFailure = `update codes set attempts_left = attempts_left - 1
  where hash = $1 and client_id = $2 and family_sid is null`

function* failCode(hash: string, clientId: string): Verb<void> {
  yield* run(countFailure, hash, clientId)
}

// All conditions of a first use in one statement: of several requests at once, the update of exactly one finds the row.
const spendCode = `update codes set family_sid = $3
  where hash = $1 and client_id = $2 and family_sid is null and attempts_left > 0 and {now} < expires_at
    and exists (select 1 from sessions join families on families.sid = sessions.sid where sessions.sid = codes.session_sid
      and {now} < families.expires_at and {now} < families.idle_expires_at)
  returning *`
const lockCode = `select *, {now} as now from codes where hash = $1 and client_id = $2 {lock}`

function* redeemCode(redemption: CodeRedemption, audit: AuditContext): Verb<CodeOutcome> {
  const { hash, clientId, family, spend = [] } = redemption
  const spent = yield* one(spendCode, hash, clientId, family.sid)
  if (spent === undefined) return yield* classifyCode(hash, clientId, audit)
  const opened = yield* openFamily(family, { spend }, audit)
  if (opened !== 'opened') return opened
  yield* run(insertClientSession, family.sid, hash)
  return 'redeemed'
}

const insertClientSession = `insert into client_sessions (sid, session_sid, client_id, user_id, auth_time, acr, amr,
    identity_scopes, id_token_claims, userinfo_claims)
  select $1, session_sid, client_id, user_id, auth_time, acr, amr, identity_scopes, id_token_claims, userinfo_claims
  from codes where hash = $2`

/** Decides the outcome for a code that was not spent. */
function* classifyCode(hash: string, clientId: string, audit: AuditContext): Verb<CodeOutcome> {
  const row = yield* one(lockCode, hash, clientId)
  if (row === undefined) return 'unknown'
  const code = readCode(row)
  if (code.familySid === null) {
    const isOver = moment(row, 'now') >= code.expiresAt || Number(row['attempts_left']) <= 0
    return isOver ? 'unknown' : 'session_ended'
  }
  yield* endFamily(code.familySid, audit)
  return 'replayed'
}

const deleteFamily = `delete from families where sid = $1 returning client_id`

/** Ends the family of a code that was used twice. Its first user may be a thief. */
function* endFamily(sid: string, audit: AuditContext): Verb<void> {
  const family = yield* one(deleteFamily, sid)
  if (family === undefined) return
  const clientId = text(family, 'client_id')
  yield* writeAudit({ event: 'code_replayed', clientId, sid }, audit)
  yield* writeAudit({ event: 'family_ended', clientId, sid, reason: 'reuse' }, audit)
  yield* appendToLog([{ target: { kind: 'sid', sid } }], [])
}

const selectClientSession = `select * from client_sessions where sid = $1`

function* findClientSession(sid: string): Verb<ClientSession | undefined> {
  const row = yield* one(selectClientSession, sid)
  return (
    row && {
      sid,
      sessionSid: text(row, 'session_sid'),
      clientId: text(row, 'client_id'),
      ...readSignIn(row),
    }
  )
}

/** The facts that a code and a session at a client share. */
function readSignIn(row: Row) {
  return {
    userId: text(row, 'user_id') as UserId,
    authTime: moment(row, 'auth_time'),
    acr: text(row, 'acr') === '2' ? ('2' as const) : ('1' as const),
    amr: JSON.parse(text(row, 'amr')),
    identityScopes: JSON.parse(text(row, 'identity_scopes')),
    idTokenClaims: JSON.parse(text(row, 'id_token_claims')),
    userinfoClaims: JSON.parse(text(row, 'userinfo_claims')),
  }
}

function readCode(row: Row): CodeRecord {
  return {
    ...readSignIn(row),
    clientId: text(row, 'client_id'),
    redirectUri: text(row, 'redirect_uri'),
    sessionSid: text(row, 'session_sid'),
    challenge: text(row, 'challenge'),
    jkt: text(row, 'jkt'),
    audience: text(row, 'audience'),
    scopes: JSON.parse(text(row, 'scopes')),
    nonce: textOrNull(row, 'nonce'),
    isOffline: truth(row, 'offline'),
    familySid: textOrNull(row, 'family_sid'),
    expiresAt: moment(row, 'expires_at'),
  }
}
