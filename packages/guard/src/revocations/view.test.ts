import { describe, expect, it } from 'vitest'
import type { FeedMessage } from './entries.ts'
import type { RevocationSnapshotPort } from './snapshot.ts'
import type { RevocationPolicy } from '../policy/revocation-policy.ts'
import { createFeedView } from './view.ts'

const issuer = 'https://issuer.test'
const page: FeedMessage = {
  afterHash: '',
  toHash: '',
  epochStart: 0,
  iss: issuer,
  iat: 1000,
  epoch: 'e',
  after: 0,
  to: 1,
  head: 1,
  keys: 'k',
  entries: [[1, 'token', 'dead', 9000]],
}
const dead = { jti: 'dead', iat: 0 }

/** A view of a feed with one page, or of an unreachable one. The test fires its timers by their seconds. */
function stage(policy: RevocationPolicy, feed: 'there' | 'away' = 'there') {
  const timers = new Map<number, () => void>()
  const view = createFeedView(
    issuer,
    {
      page: async () =>
        feed === 'there'
          ? { kind: 'page', token: 'a page', etag: undefined }
          : { kind: 'failed', reason: 'away' },
      read: () => page,
    },
    policy,
    {
      moment: () => ({ wall: 1000, monotonic: 0 }),
      random: () => 1,
      later: (seconds, task) => {
        timers.set(seconds, task)
        return () => timers.delete(seconds)
      },
      onKeysChanged: () => undefined,
      leewaySeconds: 10,
    },
  )
  return { view, timers }
}

const throws = (): never => {
  throw new Error('out of order')
}
const fails = () => Promise.reject(new Error('out of order'))
const never = () => new Promise<never>(() => {})

describe('a broken snapshot port costs only the entries of the start', () => {
  const load: RevocationSnapshotPort['load'] = async () => undefined
  const save: RevocationSnapshotPort['save'] = async () => undefined

  it.each<[string, RevocationSnapshotPort]>([
    ['loading fails', { load: fails, save }],
    ['loading throws', { load: throws, save }],
    ['saving fails', { load, save: fails }],
    ['saving throws', { load, save: throws }],
    ['saving never ends', { load, save: never }],
  ])('%s', async (_, snapshot) => {
    const { view } = stage({ snapshot })
    await view.ready()
    expect(view.check(dead)).toBe('revoked')
    view.close()
  })

  it('loading never ends', async () => {
    const { view, timers } = stage({ snapshot: { load: never, save } })
    timers.get(3)?.()
    await view.ready()
    expect(view.check(dead)).toBe('revoked')
  })
})

describe('a log that fails when the entries become old', () => {
  it.each<[string, () => void]>([
    ['now', throws],
    ['later', fails],
  ])('%s ends neither the process nor the watch', async (_, log) => {
    const told: string[] = []
    const onFreshness = (_issuer: string, state: string): void => {
      told.push(state)
      return log()
    }
    const { view, timers } = stage({ onFreshness, maxStaleSeconds: 8 }, 'away')
    await expect(view.ready()).rejects.toThrow('away')
    timers.get(8)?.()
    expect(told).toEqual(['stale'])
    expect(timers.has(2)).toBe(true)
    view.close()
  })
})

it('an entry is kept for an hour after its token, because clocks may be ahead and set back', async () => {
  let time = 1000
  let monotonic = 0
  let poll = (): void => {}
  const polled = (): Promise<void> => new Promise((resolve) => (progress = resolve))
  let progress = (): void => {}
  const view = createFeedView(
    issuer,
    {
      page: async () => ({ kind: 'page', token: 'a page', etag: undefined }),
      read: () => ({ ...page, iat: time, entries: [[1, 'token', 'dead', 1600]] }),
    },
    { maxStaleSeconds: 60, pollSeconds: 5 },
    {
      moment: () => ({ wall: time, monotonic }),
      random: () => 1,
      later: (seconds, task) => {
        if (seconds === 5) {
          poll = task
          progress()
        }
        return () => undefined
      },
      onKeysChanged: () => undefined,
      leewaySeconds: 10,
    },
  )
  await polled()
  const verdictAt = async (moment: number) => {
    time = moment
    monotonic += 30
    const done = polled()
    poll()
    await done
    return view.check(dead)
  }
  expect(await verdictAt(1600 + 3600 + 60)).toBe('revoked')
  expect(await verdictAt(1600 + 3600 + 61)).toBe('live')
  view.close()
})
