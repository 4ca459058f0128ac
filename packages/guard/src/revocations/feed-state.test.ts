import { describe, expect, it } from 'vitest'
import type { FeedMessage } from './entries.ts'
import { createFeedState, latenessMaxSeconds, type Moment } from './feed-state.ts'
import { createLiveIndex } from './live-index.ts'

const start = 1_800_000_000
const at = (seconds: number, wallJump = 0): Moment => ({
  wall: start + seconds + wallJump,
  monotonic: 50 + seconds,
})
const dead = (jti: string) => ({ jti, iat: start })

function message(given: Partial<FeedMessage>): FeedMessage {
  const to = given.to ?? 0
  return {
    iss: 'i',
    iat: start,
    epoch: 'e1',
    after: 0,
    to,
    head: to,
    keys: 'k',
    entries: [],
    afterHash: '',
    toHash: '',
    epochStart: 0,
    ...given,
  }
}

function loaded() {
  const index = createLiveIndex()
  const state = createFeedState(index)
  state.accept(message({ to: 1, entries: [[1, 'token', 'a', start + 600]] }), at(0))
  return { index, state }
}

describe('a state that follows', () => {
  it('counts as stale before its first snapshot', () => {
    expect(createFeedState(createLiveIndex()).ageSeconds(1)).toBe(Infinity)
  })

  it('applies what continues it', () => {
    const { index, state } = loaded()
    expect(
      state.accept(
        message({ after: 1, to: 2, iat: start + 1, entries: [[2, 'token', 'b', start + 600]] }),
        at(1),
      ),
    ).toBe('applied')
    expect(index.check(dead('a'))).toBe('revoked')
    expect(index.check(dead('b'))).toBe('revoked')
    expect(state.position()).toEqual({ epoch: 'e1', after: 2 })
  })

  it('puts a snapshot of several pages in place at once', () => {
    const index = createLiveIndex()
    const state = createFeedState(index)
    expect(
      state.accept(message({ to: 1, head: 2, entries: [[1, 'token', 'a', start + 9]] }), at(0)),
    ).toBe('partial')
    expect(state.loaded()).toBe(false)
    expect(state.position()).toEqual({ epoch: 'e1', after: 1 })
    expect(
      state.accept(message({ after: 1, to: 2, entries: [[2, 'token', 'b', start + 9]] }), at(0)),
    ).toBe('applied')
    expect(index.size()).toBe(2)
    expect(state.loaded()).toBe(true)
  })

  it('takes fifty thousand pages in a time that grows with their number', () => {
    const index = createLiveIndex()
    const state = createFeedState(index)
    const head = 50_000
    for (let after = 0; after < head; after += 1) {
      const entries = [[after + 1, 'token', `t${after}`, start + 9]] as const
      state.accept(message({ after, to: after + 1, head, entries }), at(0))
    }
    expect(index.size()).toBe(head)
  }, 8_000)

  it('takes a page that repeats the end of the one before it', () => {
    const index = createLiveIndex()
    const state = createFeedState(index)
    const until = start + 9
    state.accept(message({ to: 3, head: 4, entries: [[3, 'token', 'a', until]] }), at(0))
    const next = message({
      after: 2,
      to: 4,
      entries: [
        [3, 'token', 'a', until],
        [4, 'token', 'b', until],
      ],
    })
    expect(state.accept(next, at(0))).toBe('applied')
    expect(index.size()).toBe(2)
  })

  it('gives up a snapshot of another epoch when its own epoch speaks again', () => {
    const { state } = loaded()
    state.accept(message({ epoch: 'e2', to: 3, head: 4 }), at(1))
    expect(state.position().epoch).toBe('e2')
    state.accept(message({ after: 1, to: 1, iat: start + 2 }), at(2))
    expect(state.position()).toEqual({ epoch: 'e1', after: 1 })
  })

  it('asks for pages where a message is missing', () => {
    const { state } = loaded()
    expect(state.accept(message({ after: 5, to: 6, iat: start + 1 }), at(1))).toBe('gap')
    expect(state.ageSeconds(at(1).monotonic)).toBe(1)
  })

  it('asks for a snapshot when an event is of another epoch, and keeps the old entries until it is whole', () => {
    const { index, state } = loaded()
    expect(state.accept(message({ epoch: 'e2', after: 7, to: 8 }), at(1))).toBe('epoch_changed')
    expect(
      state.accept(
        message({ epoch: 'e2', to: 3, head: 4, entries: [[3, 'token', 'c', start + 9]] }),
        at(1),
      ),
    ).toBe('partial')
    expect(index.check(dead('a'))).toBe('revoked')
    expect(state.accept(message({ epoch: 'e2', after: 3, to: 4 }), at(1))).toBe('applied')
    expect(index.check(dead('a'))).toBe('live')
    expect(index.check(dead('c'))).toBe('revoked')
  })

  it('does not go back to an epoch that it left, which a node that is behind may still tell of', () => {
    const { index, state } = loaded()
    const all = [2, 'issuer', '', start + 600, start] as const
    state.accept(message({ epoch: 'e2', to: 2, iat: start + 1, entries: [all] }), at(1))
    expect(state.accept(message({ to: 1, iat: start + 2, keys: 'old' }), at(2))).toBe('gap')
    expect(index.check(dead('b'))).toBe('revoked')
    expect(state.position()).toEqual({ epoch: 'e2', after: 2 })
    expect(state.keysFingerprint()).toBe('k')
    // Nobody speaks of the newer one any more, so it is the older one that stands.
    expect(state.accept(message({ to: 1, iat: start + 61 }), at(61))).toBe('applied')
    expect(state.position()).toEqual({ epoch: 'e1', after: 1 })
  })

  it('follows two epochs in a row', () => {
    const { index, state } = loaded()
    state.accept(message({ epoch: 'e2', to: 3, head: 4 }), at(1))
    const entries = [[2, 'token', 'c', start + 9]] as const
    expect(state.accept(message({ epoch: 'e3', to: 2, entries }), at(2))).toBe('applied')
    expect(index.check(dead('c'))).toBe('revoked')
    expect(state.position()).toEqual({ epoch: 'e3', after: 2 })
  })

  it('is not renewed by a message that it has seen', () => {
    const { state } = loaded()
    const heartbeat = message({ after: 1, to: 1, iat: start + 2 })
    state.accept(heartbeat, at(2))
    state.accept(heartbeat, at(40))
    expect(state.ageSeconds(at(40).monotonic)).toBe(38)
  })

  it('is renewed by a heartbeat', () => {
    const { state } = loaded()
    state.accept(message({ after: 1, to: 1, iat: start + 30 }), at(30))
    expect(state.ageSeconds(at(31).monotonic)).toBe(1)
  })

  it('is not renewed by a page that stops below the head', () => {
    const { state } = loaded()
    expect(state.accept(message({ after: 1, to: 2, head: 9, iat: start + 30 }), at(30))).toBe(
      'partial',
    )
    expect(state.ageSeconds(at(30).monotonic)).toBe(30)
  })

  it('is not renewed by news of now that keep back what came after, or never heard of it', () => {
    const { state } = loaded()
    const iat = start + 30
    expect(state.accept(message({ to: 1, head: 5, iat }), at(30))).toBe('repeated')
    expect(state.accept(message({ to: 0, head: 0, iat }), at(30))).toBe('repeated')
    expect(state.ageSeconds(at(30).monotonic)).toBe(30)
  })

  it('counts a late message from the time it was signed', () => {
    const { state } = loaded()
    state.accept(message({ after: 1, to: 1, iat: start + 20 }), at(30))
    expect(state.ageSeconds(at(30).monotonic)).toBe(10)
  })

  it('keeps its age right when the wall clock jumps an hour, and loses no entry', () => {
    const { index, state } = loaded()
    state.accept(message({ after: 1, to: 1, iat: start + 10 }), at(10, 3600))
    state.accept(
      message({ after: 1, to: 2, iat: start + 20, entries: [[2, 'token', 'b', start + 600]] }),
      at(20, 3600),
    )
    expect(state.ageSeconds(at(21).monotonic)).toBe(1)
    expect(index.check(dead('b'))).toBe('revoked')
  })

  it('needs two messages of one connection under a skewed clock', () => {
    const state = createFeedState(createLiveIndex())
    state.accept(message({ iat: start }), at(0, 3600))
    expect(state.ageSeconds(at(0).monotonic)).toBe(Infinity)
    state.accept(message({ iat: start + 10 }), at(10, 3600))
    expect(state.ageSeconds(at(10).monotonic)).toBe(0)
    state.reconnect()
    state.accept(message({ iat: start + 20 }), at(20, 3600))
    expect(state.ageSeconds(at(20).monotonic)).toBe(10)
  })

  it('does not take messages that a proxy held back for fresh ones', () => {
    const { state } = loaded()
    const held = latenessMaxSeconds + 30
    state.accept(message({ after: 1, to: 1, iat: start + 1 }), at(1 + held))
    state.accept(message({ after: 1, to: 1, iat: start + 2 }), at(2 + held))
    expect(state.ageSeconds(at(2 + held).monotonic)).toBe(2 + held)
  })

  it('hears of other keys when the clock of its issuer was set back', () => {
    const { state } = loaded()
    state.accept(message({ after: 1, to: 1, iat: start + 3600 }), at(10, 3600))
    state.accept(message({ after: 1, to: 1, iat: start + 20, keys: 'k2' }), at(20))
    expect(state.keysFingerprint()).toBe('k2')
    expect(state.issuerTime()).toBe(start + 20)
  })

  it('hears of no other keys from a message that was signed long ago', () => {
    const { state } = loaded()
    state.accept(message({ after: 1, to: 1, iat: start + 60, keys: 'k2' }), at(60))
    state.accept(message({ after: 1, to: 1, iat: start + 30 }), at(61))
    expect(state.keysFingerprint()).toBe('k2')
  })

  it('starts warm from what it knew, stale until the issuer confirms it', () => {
    const index = createLiveIndex()
    index.apply([[0, 'token', 'a', start + 600]])
    const state = createFeedState(index)
    state.warm({ epoch: 'e1', sequence: 4 })
    expect(state.position()).toEqual({ epoch: 'e1', after: 4 })
    expect(state.ageSeconds(at(0).monotonic)).toBe(Infinity)
    expect(state.accept(message({ after: 4, to: 4 }), at(0))).toBe('repeated')
    expect(state.ageSeconds(at(0).monotonic)).toBe(0)
    expect(index.check(dead('a'))).toBe('revoked')
  })
})
