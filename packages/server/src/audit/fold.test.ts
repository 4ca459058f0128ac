import { expect, it } from 'vitest'
import { createEventCounts } from './fold.ts'

const context = { requestId: 'r', address: null, actor: null }

it('counts events by name, refusals by reason, and forgets who it was', () => {
  const counts = createEventCounts()
  counts.add([
    { event: 'client_refused', clientId: 'a', reason: 'secret_wrong', count: 3, ...context },
    { event: 'client_refused', clientId: 'b', reason: 'secret_wrong', count: 1, ...context },
    { event: 'client_added', clientId: 'c', ...context },
  ])
  expect(counts.list()).toEqual([
    { event: 'client_refused', reason: 'secret_wrong', count: 4 },
    { event: 'client_added', reason: '', count: 1 },
  ])
})

it('makes no label of what a client asked for (G23)', () => {
  const counts = createEventCounts()
  const refused = { event: 'token_refused', clientId: 'a', grant: 'client_credentials' } as const
  counts.add(
    ['one', 'two', 'three'].map((scope) => ({
      ...refused,
      reason: `scope_not_allowed: ${scope}`,
      count: 1,
      ...context,
    })),
  )
  expect(counts.list()).toEqual([{ event: 'token_refused', reason: 'scope_not_allowed', count: 3 }])
})
