import { expect, it } from 'vitest'
import type { ChangeRecord } from '../store/port/records.ts'
import { follow } from './follow.ts'

it('reads changes that were committed while the process started', async () => {
  const log: ChangeRecord[] = ['a', 'b', 'c'].map((id, at) => ({
    sequence: at + 1,
    table: 'resources',
    id,
  }))
  const changed: string[] = []
  const following = await follow({
    store: {
      changes: {
        head: async () => log.length,
        since: async (sequence, limit) =>
          log.filter((change) => change.sequence > sequence).slice(0, limit),
        onCommit: () => () => undefined,
      },
    },
    from: 1,
    onChanges: async (changes) => void changed.push(...changes.map(({ id }) => id)),
    onRevocations: async () => undefined,
    onFault: (fault) => {
      throw fault
    },
    pollMs: 60_000,
  })
  await following.stop()
  expect(changed).toEqual(['b', 'c'])
})

it('continues from a lower number after the log of changes was rolled back', async () => {
  let log: ChangeRecord[] = []
  const change = (sequence: number, id: string): ChangeRecord => ({
    sequence,
    table: 'clients',
    id,
  })
  let commit = () => {}
  const changed: string[] = []
  let arrived = () => {}
  const following = await follow({
    store: {
      changes: {
        head: async () => log.length,
        since: async (sequence, limit) =>
          log.filter((one) => one.sequence > sequence).slice(0, limit),
        onCommit: (listener) => {
          commit = () => listener('changes')
          return () => undefined
        },
      },
    },
    from: 7,
    onChanges: async (changes) => {
      changed.push(...changes.map(({ id }) => id))
      arrived()
    },
    onRevocations: async () => undefined,
    onFault: (fault) => {
      throw fault
    },
    pollMs: 60_000,
  })
  following.goOnFrom(2)
  log = [change(3, 'after the rollback')]
  const next = new Promise<void>((resolve) => (arrived = resolve))
  commit()
  await next
  await following.stop()
  expect(changed).toEqual(['after the rollback'])
})

it('reads the revocations at the start and after each commit of one', async () => {
  let commit: (what: 'changes' | 'revocations') => void = () => {}
  let reads = 0
  const following = await follow({
    store: {
      changes: {
        head: async () => 0,
        since: async () => [],
        onCommit: (listener) => {
          commit = listener
          return () => undefined
        },
      },
    },
    from: 0,
    onChanges: async () => undefined,
    onRevocations: async () => void (reads += 1),
    onFault: (fault) => {
      throw fault
    },
    pollMs: 60_000,
  })
  expect(reads).toBe(1)
  commit('changes')
  expect(reads).toBe(1)
  commit('revocations')
  expect(reads).toBe(2)
  await following.stop()
})
