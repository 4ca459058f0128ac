import { clockStepSecondsMax } from '../port/clock.ts'
import { all, one, run, type Driver, type Verb } from '../port/verb.ts'
import { text } from './columns.ts'

/** Rows looked at by one step. */
const stepRows = 500

const pruneSpent = `delete from spent where mark in (select mark from spent where expires_at <= {now} limit $1) returning 1 as one`
const pruneRevocations = `delete from revocations where sequence in
  (select sequence from revocations where expires_at <= {now} - ${clockStepSecondsMax} limit $1) returning 1 as one`
const pruneStatuses = `delete from status_entries where owner in
  (select owner from status_entries where expires_at <= {now} limit $1) returning 1 as one`
const walkFamilies = `select max(sid) as last from (select sid from families where sid > $1 order by sid limit $2) as step`
const pruneFamilies = `delete from families where sid > $1 and sid <= $2
  and (expires_at <= {now} or idle_expires_at <= {now}) returning 1 as one`
const eraseSeals = `update families set successor_seal = null, seal_until = null
  where sid > $1 and sid <= $2 and seal_until <= {now}`

/**
 * Makes the step-by-step deletion of what has expired. Families are walked in the order of their ids, for no index
 * follows their expiry (a rotation would have to rewrite it).
 */
export function createPrune({
  write,
}: Driver): () => Promise<{ readonly removed: number; readonly done: boolean }> {
  let stage: 'spent' | 'revocations' | 'statuses' | 'families' = 'spent'
  let walked = ''
  return async () => {
    switch (stage) {
      case 'spent': {
        const removed = (await write(() => all(pruneSpent, stepRows))).length
        if (removed < stepRows) stage = 'revocations'
        return { removed, done: false }
      }
      case 'revocations': {
        const removed = (await write(() => all(pruneRevocations, stepRows))).length
        if (removed < stepRows) stage = 'statuses'
        return { removed, done: false }
      }
      case 'statuses': {
        const removed = (await write(() => all(pruneStatuses, stepRows))).length
        if (removed < stepRows) stage = 'families'
        return { removed, done: false }
      }
      case 'families': {
        const from = walked
        const step = await write(() => walk(from))
        walked = step.last ?? ''
        if (step.last === null) stage = 'spent'
        return { removed: step.removed, done: step.last === null }
      }
    }
  }
}

function* walk(from: string): Verb<{ last: string | null; removed: number }> {
  const row = yield* one(walkFamilies, from, stepRows)
  if (row === undefined || row['last'] === null) return { last: null, removed: 0 }
  const last = text(row, 'last')
  const removed = (yield* all(pruneFamilies, from, last)).length
  yield* run(eraseSeals, from, last)
  return { last, removed }
}
