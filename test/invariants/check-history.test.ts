import { expect, test } from 'vitest'
import { checkHistory } from './check-history.ts'
import type { Call, FinalState, Violation } from './history.ts'

// One family `f`; each call lasts from one moment to the next.
const token = (generation: number, secret = 's') => `f.${generation}.${secret}`
let moment = 0
function call(act: Call['act'], presented: string, answer: Call['answer']): Call {
  moment += 2
  return { family: 'f', act, token: presented, startMs: moment, endMs: moment + 1, answer }
}
const open = () => call('open', '', { kind: 'token', token: token(1) })
const refresh = (from: string, to: string) => call('refresh', from, { kind: 'token', token: to })
const refused = (from: string, reason: string) => call('refresh', from, { kind: 'refused', reason })
const lost = (from: string) => call('refresh', from, { kind: 'unknown' })
const end = () => call('end', token(1), { kind: 'ended' })

function finalState(generation: number | null, events: Record<string, number> = {}): FinalState {
  const rotated = generation === null ? {} : { refresh_rotated: generation - 1 }
  const ended = generation === null ? { family_ended: 1 } : {}
  return {
    generation,
    events: { family_opened: 1, ...rotated, ...ended, ...events },
    entries: generation === null ? 1 : 0,
  }
}

function broken(calls: readonly Call[], final: FinalState): readonly string[] {
  const violations: readonly Violation[] = checkHistory({ calls, finals: new Map([['f', final]]) })
  return [...new Set(violations.map(({ invariant }) => invariant))]
}

test.each<[string, () => Call[], FinalState]>([
  ['a quiet family', () => [open()], finalState(1)],
  [
    'honest refreshes',
    () => [open(), refresh(token(1), token(2)), refresh(token(2), token(3))],
    finalState(3),
  ],
  [
    'a repeat with the same successor',
    () => [open(), refresh(token(1), token(2)), refresh(token(1), token(2))],
    finalState(2),
  ],
  ['a lost call that happened', () => [open(), lost(token(1))], finalState(2)],
  ['a lost call that did not', () => [open(), lost(token(1))], finalState(1)],
  ['an end', () => [open(), end(), refused(token(1), 'ended')], finalState(null)],
  [
    'a replay that ends the family',
    () => [
      open(),
      refresh(token(1), token(2)),
      refresh(token(2), token(3)),
      refused(token(1), 'replayed'),
    ],
    finalState(null, { refresh_rotated: 2, refresh_replayed: 1 }),
  ],
])('nothing is wrong with %s', (_, calls, final) => {
  expect(broken(calls(), final)).toEqual([])
})

test.each<[string, string, () => Call[], FinalState]>([
  [
    'one_successor',
    'two answers to one token',
    () => [open(), refresh(token(1), token(2, 'a')), refresh(token(1), token(2, 'b'))],
    finalState(2),
  ],
  [
    'one_branch',
    'a generation skipped',
    () => [open(), refresh(token(1), token(3))],
    finalState(3, { refresh_rotated: 2 }),
  ],
  [
    'dead_is_dead',
    'life after an end',
    () => [open(), end(), refresh(token(1), token(2))],
    finalState(null, { refresh_rotated: 1 }),
  ],
  ['dead_is_dead', 'a row left behind', () => [open(), end()], { ...finalState(1), entries: 0 }],
  [
    'real_time_order',
    'an old token served after its successor was used',
    () => [
      open(),
      refresh(token(1), token(2)),
      refresh(token(2), token(3)),
      refresh(token(1), token(2)),
    ],
    finalState(3),
  ],
  [
    'honest_is_served',
    'a logout without a cause',
    () => [open(), refused(token(1), 'unknown')],
    finalState(1),
  ],
  ['honest_is_served', 'a family gone without a cause', () => [open()], finalState(null)],
  [
    'acknowledged_is_durable',
    'an answered rotation lost',
    () => [open(), refresh(token(1), token(2))],
    finalState(1, { refresh_rotated: 1 }),
  ],
  [
    'acknowledged_is_durable',
    'two rotations without a request',
    () => [open(), lost(token(1))],
    finalState(3),
  ],
  [
    'audit_is_exact',
    'a rotation without its event',
    () => [open(), refresh(token(1), token(2))],
    finalState(2, { refresh_rotated: 0 }),
  ],
  [
    'audit_is_exact',
    'an event without its opening',
    () => [open()],
    finalState(1, { family_opened: 2 }),
  ],
  [
    'audit_is_exact',
    'an alarm that was not noted',
    () => [
      open(),
      refresh(token(1), token(2)),
      refresh(token(2), token(3)),
      refused(token(1), 'replayed'),
    ],
    finalState(null, { refresh_rotated: 2 }),
  ],
  [
    'end_is_revoked',
    'an end without its entry',
    () => [open(), end()],
    { ...finalState(null), entries: 0 },
  ],
])('%s: %s', (invariant, _, calls, final) => {
  expect(broken(calls(), final)).toContain(invariant)
})
