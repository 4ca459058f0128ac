import { hash } from 'node:crypto'
import type { EpochSeconds } from '@countersign/jwt'
import { clockStepSecondsMax } from '../port/clock.ts'
import type {
  StatusEntries,
  StatusListVerbs,
  StatusOwner,
  StatusPlace,
  StatusRandomness,
} from '../port/store.ts'
import { all, one, run, type Driver, type Verb } from '../port/verb.ts'
import { number, text, textOrNull } from './columns.ts'

/** The verbs of Token Status Lists. */
export function statusListVerbs({ read, write }: Driver): StatusListVerbs {
  return {
    place: (owner, until, random) => write(() => place(owner, until, random)),
    entries: (list) => read(() => entries(list)),
  }
}

const extendPlace = `update status_entries set expires_at = case when expires_at < $2 then $2 else expires_at end
  where owner = $1 returning list, position`
const newest = `select id from status_lists where audience = $1 order by opened_at desc, id limit 1`
const open = `insert into status_lists (id, audience, opened_at) values ($1, $2, {now})`

function* place(
  owner: StatusOwner,
  until: EpochSeconds,
  { listId, positions }: StatusRandomness,
): Verb<StatusPlace> {
  const name = ownerName(owner)
  const present = yield* one(extendPlace, name, until)
  if (present !== undefined) return placeOf(present)
  const list = yield* one(newest, owner.audience)
  if (list !== undefined) {
    const taken = yield* takePlace(text(list, 'id'), name, owner, until, positions)
    if (taken !== undefined) return taken
  }
  // Every position tried was in use, so the list is nearly full and the next one begins.
  yield* run(open, listId, owner.audience)
  const first = yield* takePlace(listId, name, owner, until, positions)
  if (first === undefined) throw new Error('a new status list has no place')
  return first
}

const insert = `insert into status_entries (list, position, owner, sid, cid, cv, issued_after, expires_at, subject, uv)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) on conflict do nothing returning list, position`
const selectPlace = `select list, position from status_entries where owner = $1`

function* takePlace(
  list: string,
  name: string,
  { sid, cid, cv, issuedAfter, subject, uv }: StatusOwner,
  until: EpochSeconds,
  positions: readonly number[],
): Verb<StatusPlace | undefined> {
  for (const position of positions) {
    const place = [
      list,
      position,
      name,
      sid,
      cid,
      cv,
      issuedAfter,
      until,
      subject ?? null,
      uv ?? null,
    ] as const
    const row = yield* one(insert, ...place)
    if (row !== undefined) return placeOf(row)
    // Another node may have made the place of this owner first.
    const theirs = yield* one(selectPlace, name)
    if (theirs !== undefined) return placeOf(theirs)
  }
  return undefined
}

// Places that ended in the last hour are included, because a clock that is ahead may be set back.
const selectEntries = `select position, owner, sid, cid, cv, issued_after, subject, uv from status_entries where list = $1
  and expires_at > {now} - ${clockStepSecondsMax}`
const selectList = `select audience from status_lists where id = $1`

function* entries(list: string): Verb<StatusEntries | undefined> {
  const row = yield* one(selectList, list)
  if (row === undefined) return undefined
  const entries = (yield* all(selectEntries, list)).map((entry) => ({
    position: number(entry, 'position'),
    sid: textOrNull(entry, 'sid'),
    cid: text(entry, 'cid'),
    cv: number(entry, 'cv'),
    actors: actorsIn(text(entry, 'owner')),
    subject: textOrNull(entry, 'subject') ?? undefined,
    uv: entry['uv'] === null ? undefined : number(entry, 'uv'),
    issuedAfter: number(entry, 'issued_after'),
  }))
  return { audience: text(row, 'audience'), entries }
}

// A subject may be longer than an index allows, so the name has its hash.
function ownerName({
  audience,
  sid,
  cid,
  cv,
  issuedAfter,
  actors = [],
  ...of
}: StatusOwner): string {
  const acting = actors.length === 0 ? null : actors.map((actor) => [actor.cid, actor.cv])
  const user =
    of.subject === undefined ? [] : [hash('sha256', of.subject, 'base64url'), of.uv ?? null]
  return JSON.stringify([audience, sid, cid, cv, issuedAfter, acting, ...user])
}

/** Reads the actors from the name of an owner; they have no column of their own. */
function actorsIn(name: string): StatusOwner['actors'] {
  const acting: readonly (readonly [string, number])[] | null | undefined = JSON.parse(name)[5]
  return acting?.map(([cid, cv]) => ({ cid, cv }))
}

function placeOf(row: Readonly<Record<string, unknown>>): StatusPlace {
  return { list: text(row, 'list'), position: number(row, 'position') }
}
