import { createHash } from 'node:crypto'
import type { AuditEvent } from '../../audit/events.ts'
import { clockStepSecondsMax } from '../port/clock.ts'
import type { SpentId } from '../port/spending.ts'
import type { SpentVerbs } from '../port/store.ts'
import { one, undo, type Driver, type Verb } from '../port/verb.ts'
import { noteEvent } from './log.ts'

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
  for (const event of events) yield* noteEvent(event)
  return 'fresh'
}

const insertMark = `insert into spent (mark, expires_at) values ($1, $2) on conflict (mark) do nothing returning 1 as one`

/** Spends ids inside another act; `false` when one was spent before, and then the act must be undone. */
export function* spendAll(ids: readonly SpentId[]): Verb<boolean> {
  // In one order everywhere, so that two acts never wait for each other.
  const marks = ids.map((id) => ({ mark: markOf(id), until: keptUntil(id) }))
  marks.sort((a, b) => Buffer.compare(a.mark, b.mark))
  for (const { mark, until } of marks) {
    if ((yield* one(insertMark, mark, until)) === undefined) return false
  }
  return true
}

/**
 * When the row may go. An assertion is kept for an hour more, because a clock that is ahead may be set back.
 * Why not a proof: there is one for each request, and they would outgrow all else.
 */
function keptUntil({ space, until }: SpentId): number {
  return space === 'dpop' ? until : until + clockStepSecondsMax
}

// Foreign identifiers are of any length and nobody's business; their hash is neither.
function markOf({ space, owner, id }: SpentId): Buffer {
  return createHash('sha256')
    .update(JSON.stringify([space, owner, id]))
    .digest()
}
