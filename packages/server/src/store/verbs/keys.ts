import type { AuditContext, AuditFacts } from '../../audit/events.ts'
import type { KeyRecord, KeyState, DatedEntry, ResourceRecord } from '../port/records.ts'
import type { KeyVerbs } from '../port/store.ts'
import { all, one, undo, run, type Driver, type Row, type Verb } from '../port/verb.ts'
import { bytes, moment, momentOrNull, number, text, textOrNull } from './columns.ts'
import { writeAudit, appendToLog, type NewChange } from './log.ts'
import { leewaySecondsMax, type EpochSeconds } from '@countersign/jwt'

/** The verbs of keys. */
export function keyVerbs({ read, write }: Driver): KeyVerbs {
  return {
    list: () => read(listKeys),
    announce: (key, audit, sealedWith) => write(() => announce(key, audit, sealedWith)),
    advance: (kid, from, to, audit) => write(() => advance(kid, from, to, audit)),
    burn: (kid, audit) => write(() => burn(kid, audit)),
    extend: (kid, until) => write(() => extend(kid, until)),
    reseal: (seals, audit) => write(() => reseal(seals, audit)),
  }
}

function* listKeys(): Verb<readonly KeyRecord[]> {
  return (yield* all(`select * from keys order by announced_at, kid`)).map(keyOf)
}

const insertKey = `insert into keys
  (kid, alg, purpose, audience, state, public_jwk, sealed, announced_at, activated_at, retired_at, promised_until)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
  on conflict do nothing returning kid`

// The lock delays a reseal, so that the reseal sees the key announced here.
const lockSeal = `select kid from keys where kid = $1 and sealed = $2 {share}`

function* announce(
  key: KeyRecord,
  audit: AuditContext,
  sealedWith: Pick<KeyRecord, 'kid' | 'sealed'> | undefined,
): Verb<'announced' | 'exists' | 'unwanted' | 'resealed'> {
  const isSame =
    sealedWith === undefined || (yield* one(lockSeal, sealedWith.kid, sealedWith.sealed))
  if (isSame === undefined) return 'resealed'
  if (key.audience !== null && !(yield* isOfResource(key, key.audience))) return 'unwanted'
  const row = yield* one(
    insertKey,
    key.kid,
    key.alg,
    key.purpose,
    key.audience ?? '',
    key.state,
    key.publicJwk,
    key.sealed,
    key.announcedAt,
    key.activatedAt,
    key.retiredAt,
    key.verifiableUntil,
  )
  if (row === undefined) return 'exists'
  yield* writeAudit(factsOf('key_announced', key), audit)
  yield* appendToLog([], [{ table: 'keys', id: key.kid }])
  return 'announced'
}

const lockResource = `select encryption, token_alg from resources where audience = $1 {lock}`

/** Whether the resource exists and uses keys of this purpose and algorithm. The row is locked until the transaction ends. */
function* isOfResource({ purpose, alg }: KeyRecord, audience: string): Verb<boolean> {
  const row = yield* one(lockResource, audience)
  if (row === undefined) return false
  if (purpose === 'token') return text(row, 'token_alg') === alg
  if (row['encryption'] === null) return false
  const encryption: ResourceRecord['encryption'] = JSON.parse(text(row, 'encryption'))
  return encryption?.source === 'managed' && encryption.alg === alg
}

const retireOwn = `update keys set state = 'retired', retired_at = {now}
  where audience = $1 and alg <> case purpose when 'token' then $2 else $3 end and state <> 'retired' returning *`

/** Retires the own keys of a resource, except those of its present algorithms. */
export function* retireOwnKeys(
  { audience, tokenAlg, encryption }: Pick<ResourceRecord, 'audience' | 'tokenAlg' | 'encryption'>,
  audit: AuditContext,
): Verb<readonly { readonly table: 'keys'; readonly id: string }[]> {
  const kept = encryption?.source === 'managed' ? encryption.alg : ''
  const retired = (yield* all(retireOwn, audience, tokenAlg, kept)).map(keyOf)
  for (const key of retired) yield* writeAudit(factsOf('key_retired', key), audit)
  return retired.map(({ kid }) => ({ table: 'keys', id: kid }))
}

const deleteOwn = `delete from keys where audience = $1 returning *, {now} as now`

/** Burns all own keys of a resource of that name. */
export function* burnOwnKeys(audience: string, audit: AuditContext) {
  const rows = yield* all(deleteOwn, audience)
  for (const row of rows) yield* writeAudit(factsOf('key_burnt', keyOf(row)), audit)
  return {
    entries: rows.map((row) => burntEntry(keyOf(row), number(row, 'now'))),
    changes: rows.map((row) => ({ table: 'keys' as const, id: text(row, 'kid') })),
  }
}

function burntEntry({ kid, verifiableUntil }: KeyRecord, now: number): DatedEntry {
  const until = (Math.max(now, verifiableUntil) + leewaySecondsMax) as EpochSeconds
  return { target: { kind: 'key', kid }, until }
}

const lockKey = `select keys.*, {now} as now from keys where kid = $1 {lock}`
const activate = `update keys set state = 'active', activated_at = {now} where kid = $1`
const retire = `update keys set state = 'retired', retired_at = {now} where kid = $1`
const deleteKey = `delete from keys where kid = $1`
const lockSibling = `select * from keys where purpose = $1 and alg = $2 and audience = $3 and state = $4 {lock}`

function* sibling(key: KeyRecord, state: KeyState): Verb<KeyRecord | undefined> {
  const row = yield* one(lockSibling, key.purpose, key.alg, key.audience ?? '', state)
  return row && keyOf(row)
}

function* advance(
  kid: string,
  from: KeyState,
  to: KeyState | 'gone',
  audit: AuditContext,
): Verb<'advanced' | 'lost'> {
  const row = yield* one(lockKey, kid)
  if (row === undefined) return 'lost'
  const key = keyOf(row)
  if (key.state !== from || from === to) return 'lost'
  switch (to) {
    case 'announced':
      return 'lost'
    case 'active':
      return yield* advanceToActive(key, audit)
    case 'retired':
      yield* run(retire, kid)
      yield* writeAudit(factsOf('key_retired', key), audit)
      break
    case 'gone':
      if (number(row, 'now') <= key.verifiableUntil + leewaySecondsMax) return 'lost'
      yield* run(deleteKey, kid)
      yield* writeAudit(factsOf('key_gone', key), audit)
  }
  yield* appendToLog([], [{ table: 'keys', id: kid }])
  return 'advanced'
}

function* advanceToActive(key: KeyRecord, audit: AuditContext): Verb<'advanced' | 'lost'> {
  if (key.state === 'retired') return 'lost'
  const active = yield* sibling(key, 'active')
  if (active !== undefined) {
    yield* run(retire, active.kid)
    yield* writeAudit(factsOf('key_retired', active), audit)
  }
  yield* run(activate, key.kid)
  yield* writeAudit(factsOf('key_activated', key), audit)
  const changed = active === undefined ? [key.kid] : [active.kid, key.kid]
  yield* appendToLog(
    [],
    changed.map((id) => ({ table: 'keys', id })),
  )
  return 'advanced'
}

function* burn(kid: string, audit: AuditContext): Verb<'burnt' | 'unknown'> {
  const burnt = yield* burnKey(kid, audit)
  if (burnt === undefined) return 'unknown'
  yield* appendToLog([burnt.entry], burnt.changed)
  return 'burnt'
}

/** Deletes a key and activates its successor; gives the changed keys, and the entry to be written. */
export function* burnKey(
  kid: string,
  audit: AuditContext,
): Verb<{ readonly changed: readonly NewChange[]; readonly entry: DatedEntry } | undefined> {
  const row = yield* one(lockKey, kid)
  if (row === undefined) return undefined
  const key = keyOf(row)
  yield* run(deleteKey, kid)
  yield* writeAudit(factsOf('key_burnt', key), audit)
  const successor = key.state === 'active' ? yield* sibling(key, 'announced') : undefined
  if (successor !== undefined) {
    yield* run(activate, successor.kid)
    yield* writeAudit(factsOf('key_activated', successor), audit)
  }
  const changed = successor === undefined ? [kid] : [kid, successor.kid]
  return {
    changed: changed.map((id) => ({ table: 'keys', id })),
    entry: burntEntry(key, number(row, 'now')),
  }
}

const raiseHorizon = `update keys set promised_until = case when promised_until < $2 then $2 else promised_until end
  where kid = $1 returning kid`

function* extend(kid: string, until: EpochSeconds): Verb<'extended' | 'lost'> {
  return (yield* one(raiseHorizon, kid, until)) === undefined ? 'lost' : 'extended'
}

const lockKeys = `select kid from keys order by kid {lock}`
const selectSeals = `select kid, sealed from keys`
const updateSeal = `update keys set sealed = $2 where kid = $1`

function* reseal(
  seals: Parameters<KeyVerbs['reseal']>[0],
  audit: AuditContext,
): Verb<'resealed' | 'stale'> {
  // Read again after the lock: another transaction may have announced or resealed keys during the wait.
  yield* run(lockKeys)
  const rows = yield* all(selectSeals)
  const present = new Map(rows.map((row) => [text(row, 'kid'), bytes(row, 'sealed')]))
  const isSame = ({ kid, former }: (typeof seals)[number]) =>
    Buffer.compare(present.get(kid) ?? nothing, former) === 0
  if (present.size !== seals.length || !seals.every(isSame)) return yield* undo('stale')
  for (const { kid, sealed } of seals) yield* all(updateSeal, kid, sealed)
  yield* writeAudit({ event: 'keys_resealed', count: seals.length }, audit)
  yield* appendToLog(
    [],
    seals.map(({ kid }) => ({ table: 'keys', id: kid })),
  )
  return 'resealed'
}

const nothing = new Uint8Array()

type KeyEvent = Extract<AuditFacts, { readonly kid: string }>['event']

function factsOf(event: KeyEvent, { kid, alg }: KeyRecord): AuditFacts {
  return { event, kid, alg }
}

function keyOf(row: Row): KeyRecord {
  return {
    kid: text(row, 'kid'),
    alg: text(row, 'alg'),
    purpose: purposeOf(text(row, 'purpose')),
    audience: text(row, 'audience') || null,
    state: stateOf(text(row, 'state')),
    publicJwk: textOrNull(row, 'public_jwk'),
    sealed: bytes(row, 'sealed'),
    announcedAt: moment(row, 'announced_at'),
    activatedAt: momentOrNull(row, 'activated_at'),
    retiredAt: momentOrNull(row, 'retired_at'),
    verifiableUntil: moment(row, 'promised_until'),
  }
}

function purposeOf(name: string): KeyRecord['purpose'] {
  switch (name) {
    case 'token':
    case 'feed':
    case 'encryption':
    case 'server':
      return name
    default:
      throw new TypeError('the key has an unknown purpose')
  }
}

function stateOf(name: string): KeyState {
  switch (name) {
    case 'announced':
    case 'active':
    case 'retired':
      return name
    default:
      throw new TypeError('the key is in an unknown state')
  }
}
