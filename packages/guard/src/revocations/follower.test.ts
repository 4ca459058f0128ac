import { describe, expect, it } from 'vitest'
import type { FeedMessage } from './entries.ts'
import { createFeedState } from './feed-state.ts'
import { follow, type FeedPort, type PageAnswer, type StreamEvents } from './follower.ts'
import { createLiveIndex } from './live-index.ts'

/** A world without real time: timers run when the test moves the clock. */
function world(script: {
  pages: (PageAnswer | 'hang')[]
  streams?: boolean
  streamFaults?: number
}) {
  let seconds = 0
  const timers = new Set<{ due: number; task: () => void }>()
  const log: string[] = []
  const streams: StreamEvents[] = []
  const index = createLiveIndex()
  const state = createFeedState(index)
  const port: FeedPort = {
    page: async (at, etag) => {
      log.push(`page ${at.epoch}:${at.after}${etag === undefined ? '' : ` if not ${etag}`}`)
      const answer = script.pages.shift() ?? { kind: 'failed' }
      return answer === 'hang' ? new Promise<PageAnswer>(() => {}) : answer
    },
    ...(script.streams === false
      ? {}
      : {
          stream: (at, events) => {
            if ((script.streamFaults ?? 0) > 0) {
              script.streamFaults = 0
              throw new Error('no credential yet')
            }
            log.push(`stream ${at.epoch}:${at.after}`)
            streams.push(events)
            return { close: () => log.push('cut') }
          },
        }),
    read: (token) => (token === 'forged' ? undefined : (JSON.parse(token) as FeedMessage)),
  }
  const follower = follow(
    state,
    port,
    { pollSeconds: 5, silenceSeconds: 30, retrySeconds: [1, 60] },
    {
      moment: () => ({ wall: start + seconds, monotonic: seconds }),
      random: () => 1,
      later: (after, task) => {
        const timer = { due: seconds + after, task }
        timers.add(timer)
        return () => timers.delete(timer)
      },
      onKeysChanged: () => log.push('keys'),
      onProgress: () => {},
    },
  )
  return { follower, index, state, log, streams, settle, pass, now: () => start + seconds }

  async function pass(by: number): Promise<void> {
    const end = seconds + by
    for (;;) {
      const next = [...timers].filter(({ due }) => due <= end).toSorted((a, b) => a.due - b.due)[0]
      if (next === undefined) break
      seconds = next.due
      timers.delete(next)
      next.task()
      await settle()
    }
    seconds = end
  }
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve()
}

const start = 1_800_000_000

function text(given: Partial<FeedMessage>): string {
  const to = given.to ?? 0
  const whole = {
    iss: 'i',
    iat: start,
    epoch: 'e1',
    after: 0,
    to,
    head: to,
    keys: 'k1',
    entries: [],
    ...given,
  }
  return JSON.stringify(whole)
}

function page(given: Partial<FeedMessage>, etag?: string): PageAnswer {
  return { kind: 'page', token: text(given), etag }
}

describe('a follower', () => {
  it('reads pages up to the head, then the stream from there', async () => {
    const { follower, log, index } = world({
      pages: [
        page({ to: 1, head: 2, entries: [[1, 'token', 'a', start + 600]] }),
        page({ after: 1, to: 2, entries: [[2, 'token', 'b', start + 600]] }),
      ],
    })
    expect(await follower.started).toBe(true)
    await settle()
    expect(log).toEqual(['page :0', 'page e1:1', 'stream e1:2'])
    expect(index.size()).toBe(2)
  })

  it('pauses where the same page comes again and again, as from a cache that ignores the query', async () => {
    const same = page({ to: 1, head: 2, entries: [[1, 'token', 'a', start + 600]] })
    const { follower, log } = world({ pages: Array.from({ length: 100 }, () => same) })
    expect(await follower.started).toBe(false)
    expect(log).toEqual(['page :0', 'page e1:1'])
  })

  it('knows its pages for fresh where no stream comes through and the clocks are an hour apart', async () => {
    const pages = [0, 1].map((seconds) => page({ iat: start - 3600 + seconds }))
    const { follower, streams, state, pass } = world({ pages })
    await follower.started
    await settle()
    streams[0]?.closed()
    await settle()
    await pass(10)
    expect(state.ageSeconds(10)).toBe(9)
  })

  it('applies what the stream says', async () => {
    const { follower, streams, index } = world({ pages: [page({})] })
    await follower.started
    streams[0]?.message(text({ to: 1, entries: [[1, 'token', 'a', start + 600]] }))
    expect(index.check({ jti: 'a', iat: start })).toBe('revoked')
    expect(follower.mode()).toBe('stream')
  })

  it('ignores and counts a forged message and one that was replayed', async () => {
    const { follower, streams, index } = world({ pages: [page({})] })
    await follower.started
    const event = text({ to: 1, entries: [[1, 'token', 'a', start + 600]] })
    for (const message of [event, 'forged', event]) streams[0]?.message(message)
    expect(follower.ignored()).toBe(2)
    expect(index.size()).toBe(1)
  })

  it('reads pages again when an event was dropped on the way', async () => {
    const { follower, streams, log } = world({ pages: [page({}), page({ to: 3 })] })
    await follower.started
    streams[0]?.message(text({ after: 2, to: 3 }))
    await settle()
    expect(log).toEqual(['page :0', 'stream e1:0', 'cut', 'page e1:0', 'stream e1:3'])
  })

  it('reads a new snapshot when a new epoch has begun', async () => {
    const { follower, streams, log, index } = world({
      pages: [
        page({ to: 1, entries: [[1, 'token', 'a', start + 600]] }),
        page({ epoch: 'e2', to: 1, entries: [[1, 'token', 'b', start + 600]] }),
      ],
    })
    await follower.started
    streams[0]?.message(text({ epoch: 'e2', after: 1, to: 1 }))
    await settle()
    expect(log.slice(-2)).toEqual(['page e1:1', 'stream e2:1'])
    expect(index.check({ jti: 'a', iat: start })).toBe('live')
    expect(index.check({ jti: 'b', iat: start })).toBe('revoked')
  })

  it('cuts a stream whose line is warm but whose messages stay away', async () => {
    const { follower, log, pass } = world({ pages: [page({}), page({})] })
    await follower.started
    await pass(46)
    expect(log).toContain('cut')
  })

  it('goes on with the heartbeats of a healthy stream', async () => {
    const { follower, streams, log, pass, now } = world({ pages: [page({})] })
    await follower.started
    for (let beat = 0; beat < 20; beat += 1) {
      await pass(10)
      streams[0]?.message(text({ iat: now() }))
    }
    expect(log).toEqual(['page :0', 'stream e1:0'])
  })

  it('polls where the stream is refused, and tries the stream again each time', async () => {
    const { follower, streams, log, pass } = world({ pages: [page({}), page({}), page({})] })
    await follower.started
    streams[0]?.closed()
    await settle()
    expect(follower.mode()).toBe('poll')
    await pass(1)
    expect(log).toEqual(['page :0', 'stream e1:0', 'cut', 'page e1:0', 'stream e1:0'])
  })

  it('only polls where there are no streams, with the ETag it was given', async () => {
    const { follower, log, pass } = world({
      streams: false,
      pages: [page({}, '"one"'), { kind: 'unchanged' }, { kind: 'unchanged' }],
    })
    await follower.started
    await pass(10)
    expect(log).toEqual(['page :0', 'page e1:0 if not "one"', 'page e1:0 if not "one"'])
  })

  it('polls at once when nudged after a sleep, one poll at a time', async () => {
    const { follower, log, pass } = world({ streams: false, pages: [page({}), 'hang'] })
    await follower.started
    await settle()
    await pass(4)
    follower.nudge()
    expect(log).toHaveLength(1)
    await pass(1)
    follower.nudge()
    follower.nudge()
    await settle()
    expect(log).toHaveLength(2)
  })

  it('waits longer after each failure, up to a minute', async () => {
    const { follower, log, pass } = world({ pages: [] })
    expect(await follower.started).toBe(false)
    await settle()
    await pass(7)
    expect(log).toHaveLength(4)
    await pass(600)
    expect(log.length).toBeLessThan(18)
  })

  it('tells when the issuer announces other keys', async () => {
    const { follower, streams, log } = world({ pages: [page({})] })
    await follower.started
    streams[0]?.message(text({ iat: start + 1, keys: 'k2' }))
    expect(log).toContain('keys')
  })

  it('does not spin on an issuer that always answers with a gap', async () => {
    const answers = Array.from({ length: 50 }, () => page({}))
    const { follower, streams, log, pass } = world({ pages: answers })
    await follower.started
    for (let turn = 0; turn < 20; turn += 1) {
      await settle()
      streams.at(-1)?.message(text({ after: 8, to: 9 }))
    }
    await settle()
    expect(log.filter((line) => line.startsWith('stream')).length).toBeLessThan(6)
    await pass(1)
  })

  it('is not disturbed by the end of a stream that it has left', async () => {
    const { follower, streams, log } = world({ pages: [page({}), page({ to: 3 })] })
    await follower.started
    streams[0]?.message(text({ after: 2, to: 3 }))
    await settle()
    streams[0]?.message(text({ after: 9, to: 9 }))
    streams[0]?.closed()
    await settle()
    expect(log.at(-1)).toBe('stream e1:3')
  })

  it('goes on when opening the stream throws', async () => {
    const script = { pages: [page({}), page({ to: 3 })], streamFaults: 1 }
    const { follower, log, pass } = world(script)
    await follower.started
    await settle()
    await pass(5)
    expect(log).toEqual(['page :0', 'page e1:0', 'stream e1:3'])
  })

  it('stops when closed', async () => {
    const { follower, log, pass } = world({ pages: [page({}), page({})] })
    await follower.started
    await settle()
    follower.close()
    await pass(600)
    expect(log).toEqual(['page :0', 'stream e1:0', 'cut'])
  })
})
