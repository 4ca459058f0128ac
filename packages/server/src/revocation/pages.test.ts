import type { WireEntry } from '@countersign/guard/revocations'
import type { EpochSeconds } from '@countersign/jwt'
import { describe, expect, it } from 'vitest'
import type { LogHead, RevocationEntry } from '../store/port/records.ts'
import { createLiveSequences } from './live-sequences.ts'
import { createPages, type PagesDeps } from './pages.ts'

const start = 1_800_000_000 as EpochSeconds
const until = (start + 600) as EpochSeconds

/** Pages of a log whose live entries have the given sequences. */
function pagesOf(sequences: readonly number[], headAt: number, idLength = 8) {
  const entries: RevocationEntry[] = sequences.map((sequence) => ({
    sequence,
    target: { kind: 'user', uid: `${sequence}`.padStart(idLength, 'u'), belowVersion: 1 },
    at: start,
    until,
  }))
  const live = createLiveSequences()
  live.replace(entries.map(({ sequence }): WireEntry => [sequence, 'user', 'u', until, 1]))
  const state = { now: start as number, made: [] as number[], head: headAt }
  const head = (): LogHead => ({
    epoch: 'e',
    epochStart: 0 as EpochSeconds,
    fencedAt: 0 as EpochSeconds,
    sequence: state.head,
    hash: 'h',
    changes: 0,
    changesHash: '',
  })
  const deps: PagesDeps = {
    log: {
      page: async (after, limit) =>
        entries.filter(({ sequence }) => sequence > after).slice(0, limit),
      linkUpTo: async (sequence) => ({ sequence, hash: `h${sequence}` }),
    },
    head,
    live,
    sign: (after, { to }) => {
      state.made.push(after.sequence)
      return `${after.sequence}-${to.sequence}`
    },
    keysFingerprint: () => 'k',
    now: () => state.now as EpochSeconds,
    heartbeatSeconds: 10,
  }
  const { page } = createPages(deps)
  const ask = async (after: number, address = 'stranger') => {
    const made = await page({ epoch: 'e', after }, address)
    return made === 'busy' ? made : made.token
  }
  return { ask, state }
}

const range = (from: number, to: number, step = 1) =>
  Array.from({ length: Math.ceil((to - from) / step) }, (_, n) => from + n * step)

describe('a page', () => {
  it('is one for all positions between two live entries', async () => {
    const { ask, state } = pagesOf([10, 90_000], 100_000)
    const answers = await Promise.all(range(300, 90_000, 7).map((after) => ask(after)))
    expect(new Set(answers)).toEqual(new Set(['10-100000']))
    expect(state.made).toEqual([10])
  })

  it('is one for all positions in a log without live entries', async () => {
    const { ask, state } = pagesOf([], 100_000)
    const answers = await Promise.all(range(0, 100_000, 64).map((after) => ask(after)))
    expect(new Set(answers)).toEqual(new Set(['0-100000']))
    expect(state.made).toEqual([0])
  })

  it('is empty for a follower at the head', async () => {
    expect(await pagesOf([10], 20).ask(20)).toBe('20-20')
  })

  it('is made 20 times a second for one address and 40 times in all', async () => {
    const { ask, state } = pagesOf(range(1, 60_000), 60_000)
    const asked = async (address: string) => {
      const answers = await Promise.all(range(256, 25_600, 256).map((after) => ask(after, address)))
      return answers.filter((answer) => answer !== 'busy').length
    }
    expect(await asked('one')).toBe(20)
    expect(await asked('two')).toBe(40)
    expect(await asked('three')).toBe(40)
    state.now += 1
    expect(await asked('one')).toBe(60)
  })

  it('is made for each guard that starts, while strangers use up the budget', async () => {
    const { ask, state } = pagesOf(range(1, 60_000), 60_000)
    for (const after of range(256, 60_000, 256)) await ask(after, `stranger ${after}`)
    expect(await ask(51_200, 'guard')).toBe('busy')
    for (let round = 0; round < 100; round += 1) {
      state.head += 1
      expect(await ask(0, 'guard')).toMatch(/^0-/u)
    }
  })

  it('makes progress behind entries with long ids, whose overlap fills a page', async () => {
    const { ask } = pagesOf(range(1, 300), 299, 1_000)
    let after = 0
    for (let pages = 0; after < 299; pages += 1) {
      const to = Number((await ask(after)).split('-')[1])
      expect(to).toBeGreaterThan(after)
      expect(pages).toBeLessThan(20)
      after = to
    }
  })
})

describe('the live sequences', () => {
  it.each([
    [0, 0],
    [4, 0],
    [5, 5],
    [6, 5],
    [8, 8],
    [100, 9],
  ])('up to %i end at %i', (sequence, last) => {
    const live = createLiveSequences()
    live.add([5, 8, 9].map((number): WireEntry => [number, 'token', 't', until]))
    expect(live.upTo(sequence)).toBe(last)
  })

  it('forget entries that ended', () => {
    const live = createLiveSequences()
    live.add([
      [1, 'token', 'a', 100],
      [2, 'token', 'b', 200],
    ])
    live.prune(101)
    expect(live.upTo(1)).toBe(0)
    expect(live.upTo(2)).toBe(2)
  })
})
