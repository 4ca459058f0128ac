import { createHash } from 'node:crypto'
import type { AuditEvent } from '../../audit/events.ts'
import { clockStepSecondsMax } from '../port/clock.ts'
import type { SpentId } from '../port/spending.ts'
import type { SpentVerbs } from '../port/store.ts'
import { one, undo, type Driver, type Verb } from '../port/verb.ts'
import { writeEvent } from './log.ts'

/** The verbs of single-use identifiers. */
export function spentVerbs({ read, write }: Driver): SpentVerbs {
  return {
    spend: (ids, events = []) => write(() => spend(ids, events)),
    filter: (ids) => read(() => filterSpent(ids)),
  }
}

function* filterSpent(ids: readonly SpentId[]): Verb<readonly SpentId[]> {
  const recorded: SpentId[] = []
  for (const id of ids) {
    const mark = yield* one('select 1 as one from spent where mark = $1', markOf(id))
    if (mark !== undefined) recorded.push(id)
  }
  return recorded
}

function* spend(ids: readonly SpentId[], events: readonly AuditEvent[]): Verb<'fresh' | 'spent'> {
  if (!(yield* spendAll(ids))) return yield* undo('spent')
  for (const event of events) yield* writeEvent(event)
  return 'fresh'
}

const insertMark = `insert into spent (mark, expires_at) values ($1, $2) on conflict (mark) do nothing returning 1 as one`

/** Spends ids inside another verb; `false` when one was spent before, and then the verb must be undone. */
export function* spendAll(ids: readonly SpentId[]): Verb<boolean> {
  // In one order everywhere, so that two transactions never wait for each other.
  const marks = ids.map((id) => ({ mark: markOf(id), until: keptUntil(id) }))
  marks.sort((a, b) => Buffer.compare(a.mark, b.mark))
  for (const { mark, until } of marks) {
    if ((yield* one(insertMark, mark, until)) === undefined) return false
  }
  return true
}

/**
 * When the row may be deleted. An assertion is kept for an hour more, because a clock that is ahead may be set back.
 * Why not a proof: there is one for each request, so the table would grow too large.
 */
function keptUntil({ space, until }: SpentId): number {
  return space === 'dpop' ? until : until + clockStepSecondsMax
}

// Identifiers of others have any length and may be private, so only their hash is kept.
function markOf({ space, owner, id }: SpentId): Buffer {
  return createHash('sha256')
    .update(JSON.stringify([space, owner, id]))
    .digest()
}
