import { describe, expect, it } from 'vitest'
import type { FeedMessage } from './entries.ts'
import {
  emptyLog,
  knowledgeAge,
  logOf,
  positionOf,
  stepFeedLog,
  type Acceptance,
  type FeedLog,
} from './feed-log.ts'
import type { Moment } from '../policy/moment.ts'
import { latenessMaxSeconds } from './freshness.ts'
import { createKnownEntries, type KnownEntries } from './known-entries.ts'

const start = 1_800_000_000
const leewaySeconds = 10
const until = start + 600
const at = (seconds: number, wallJump = 0): Moment => ({
  wall: start + seconds + wallJump,
  monotonic: 50 + seconds,
})

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

/** A log and its entries, which follow the messages of the test. */
function stage(given: FeedLog = emptyLog, entries: KnownEntries = createKnownEntries(100_000)) {
  let log = given
  return {
    entries,
    log: () => log,
    age: (now: Moment) => knowledgeAge(log, now),
    position: () => positionOf(log),
    accept: (claims: Partial<FeedMessage>, now: Moment): Acceptance => {
      const limits = { entriesFree: entries.entriesFree(), leewaySeconds }
      const step = stepFeedLog(log, message(claims), now, limits)
      log = step.log
      for (const effect of step.effects) entries.perform(effect, Infinity)
      return step.acceptance
    },
    verdict: (jti: string, iat = start, more: object = {}) => entries.check({ jti, iat, ...more }),
  }
}

/** A log of `e1` up to sequence 1, which revokes token `a`. */
function loaded(claims: Partial<FeedMessage> = {}) {
  const staged = stage()
  staged.accept({ to: 1, entries: [[1, 'token', 'a', until]], ...claims }, at(0))
  return staged
}

describe('the log of a follower', () => {
  it('counts as stale before its first snapshot', () => {
    expect(stage().age(at(1))).toBe(Infinity)
  })

  it('applies messages that continue it', () => {
    const log = loaded()
    const next = { after: 1, to: 2, iat: start + 1, entries: [[2, 'token', 'b', until]] } as const
    expect(log.accept(next, at(1))).toBe('applied')
    expect(['a', 'b', 'c'].map((jti) => log.verdict(jti))).toEqual(['revoked', 'revoked', 'live'])
    expect(log.position()).toEqual({ epoch: 'e1', after: 2 })
  })

  it('puts a snapshot of several pages in force at once', () => {
    const log = stage()
    expect(log.accept({ to: 1, head: 2, entries: [[1, 'token', 'a', until]] }, at(0))).toBe(
      'partial',
    )
    expect([log.log().isLoaded, log.verdict('a')]).toEqual([false, 'live'])
    expect(log.position()).toEqual({ epoch: 'e1', after: 1 })
    expect(log.accept({ after: 1, to: 2, entries: [[2, 'token', 'b', until]] }, at(0))).toBe(
      'applied',
    )
    expect([log.log().isLoaded, log.verdict('a'), log.verdict('b')]).toEqual([
      true,
      'revoked',
      'revoked',
    ])
  })

  it('reads fifty thousand pages in a time proportional to their number', () => {
    const log = stage()
    const head = 50_000
    for (let after = 0; after < head; after += 1) {
      const entries = [[after + 1, 'token', `t${after}`, until]] as const
      log.accept({ after, to: after + 1, head, entries, toHash: `h${after}` }, at(0))
    }
    expect(log.entries.size()).toBe(head)
  }, 8_000)

  it('accepts a page that repeats the end of the page before it', () => {
    const log = stage()
    log.accept({ to: 3, head: 4, entries: [[3, 'token', 'a', until]] }, at(0))
    const entries = [
      [3, 'token', 'a', until],
      [4, 'token', 'b', until],
    ] as const
    expect(log.accept({ after: 2, to: 4, entries }, at(0))).toBe('applied')
    expect(log.entries.size()).toBe(2)
  })

  it('drops a snapshot of another epoch when a message of its own epoch arrives', () => {
    const log = loaded()
    log.accept({ epoch: 'e2', to: 3, head: 4, entries: [[3, 'token', 'b', until]] }, at(1))
    expect(log.position().epoch).toBe('e2')
    log.accept({ after: 1, to: 1, iat: start + 2 }, at(2))
    expect(log.position()).toEqual({ epoch: 'e1', after: 1 })
    expect(log.entries.size()).toBe(1)
  })

  it('requires pages if a message is missing', () => {
    const log = loaded()
    expect(log.accept({ after: 5, to: 6, iat: start + 1 }, at(1))).toBe('gap')
    expect(log.age(at(1))).toBe(1)
  })

  it('enforces every entry that its issuer signed, for any sequence', () => {
    const log = loaded({ to: 8 })
    const late = { after: 0, to: 1, head: 1, entries: [[1, 'token', 'b', until]] } as const
    expect(log.accept({ ...late, iat: start + 1 }, at(1))).toBe('repeated')
    expect(log.verdict('b')).toBe('revoked')
  })

  it('starts with the entries of an earlier start, stale until the issuer confirms them', () => {
    const log = stage(logOf({ epoch: 'e1', sequence: 4, entries: [] }))
    log.entries.perform({ do: 'apply', entries: [[0, 'token', 'a', until]] }, Infinity)
    expect(log.position()).toEqual({ epoch: 'e1', after: 4 })
    expect(log.age(at(0))).toBe(Infinity)
    expect(log.accept({ after: 4, to: 4 }, at(0))).toBe('repeated')
    expect([log.age(at(0)), log.verdict('a')]).toEqual([0, 'revoked'])
  })

  it('compares its first message with the hashes of an earlier start', () => {
    const log = stage(logOf({ epoch: 'e1', sequence: 4, entries: [], hashes: [[4, 'h4']] }))
    expect(log.accept({ after: 4, to: 4, afterHash: 'x', toHash: 'x' }, at(0))).toBe('rolled_back')
  })
})

describe('a new epoch', () => {
  it('is read completely before the old entries are limited', () => {
    const log = loaded()
    expect(log.accept({ epoch: 'e2', after: 7, to: 8 }, at(1))).toBe('epoch_changed')
    const page = { epoch: 'e2', to: 3, head: 4, entries: [[3, 'token', 'c', until]] } as const
    expect(log.accept(page, at(1))).toBe('partial')
    expect(log.accept({ epoch: 'e2', after: 3, to: 4, iat: start + 1 }, at(1))).toBe('applied')
    expect(['a', 'c'].map((jti) => log.verdict(jti))).toEqual(['revoked', 'revoked'])
    expect(log.verdict('a', start + 12)).toBe('live')
  })

  const begun = start + 100
  const rows: readonly [name: string, facts: object, iat: number, verdict: string][] = [
    ['a token that was issued before it', { jti: 'a' }, start, 'revoked'],
    ['a token of its first moments, within the leeway', { jti: 'a' }, begun + 10, 'revoked'],
    ['a token that was issued after it', { jti: 'a' }, begun + 11, 'live'],
    ['a session that was issued before it', { jti: 'x', sid: 's' }, start, 'revoked'],
    ['a session that began again after it', { jti: 'x', sid: 's' }, begun + 11, 'live'],
    ['an old version of a client', { jti: 'x', cid: 'c', cv: 1 }, start, 'revoked'],
    [
      'a version that the restored client has again',
      { jti: 'x', cid: 'c', cv: 1 },
      begun + 11,
      'live',
    ],
    ['claims that changed before it', { jti: 'x', sub: 'u', uv: 1 }, start, 'claims_stale'],
    ['a burnt key, whenever the token was issued', { jti: 'x', kid: 'k' }, begun + 999, 'revoked'],
    ['a burnt envelope key', { jti: 'x', envelopeKid: 'k' }, begun + 999, 'revoked'],
    ['a burnt key of an ancestor', { jti: 'x', ancestorKids: ['k'] }, begun + 999, 'revoked'],
    [
      'a token that was exchanged after it from a token that was revoked before',
      { jti: 'x', ancestors: ['a'], ancestorIat: start },
      begun + 999,
      'revoked',
    ],
  ]
  it.each(rows)('keeps the verdict of the ended epoch on %s', (_, facts, iat, verdict) => {
    const log = stage()
    const entries = [
      [1, 'token', 'a', begun + 9_000],
      [2, 'sid', 's', begun + 9_000],
      [3, 'client', 'c', begun + 9_000, 2],
      [4, 'claims_stale', 'u', begun + 9_000, 2],
      [5, 'key', 'k', begun + 9_000],
    ] as const
    log.accept({ to: 5, entries }, at(0))
    // The message arrives an hour later. Its signed start counts, not its arrival.
    log.accept({ epoch: 'e2', epochStart: begun, iat: start + 3600 }, at(3600))
    expect(log.verdict('x', iat, facts)).toBe(verdict)
  })

  it('begins at the time of its first message if an older issuer states no start', () => {
    const log = loaded()
    log.accept({ epoch: 'e2', iat: start + 100 }, at(100))
    expect([log.verdict('a', start + 110), log.verdict('a', start + 111)]).toEqual([
      'revoked',
      'live',
    ])
  })

  it.each([
    { name: 'began before the snapshot', epochStart: start, limit: start + 110 },
    { name: 'is unknown, as in older releases', epochStart: undefined, limit: start + 110 },
    { name: 'began earlier', epochStart: start - 900, limit: start - 290 },
  ])('after a restart whose own epoch $name', ({ epochStart, limit }) => {
    const snapshot = { epoch: 'e2', sequence: 1, entries: [] }
    const log = stage(logOf(epochStart === undefined ? snapshot : { ...snapshot, epochStart }))
    log.entries.perform({ do: 'apply', entries: [[1, 'token', 'a', until]] }, Infinity)
    // The database went back to an epoch that began before the one of the snapshot.
    log.accept({ epoch: 'e1', epochStart: start - 300, iat: start + 100 }, at(100))
    expect(log.verdict('a', limit)).toBe('revoked')
    expect(log.verdict('a', limit + 1)).toBe('live')
  })

  it('replaces entries that both epochs state; they then concern all tokens', () => {
    const log = loaded()
    log.accept(
      { epoch: 'e2', epochStart: start, to: 1, entries: [[1, 'token', 'a', until]] },
      at(1),
    )
    expect(log.verdict('a', start + 500)).toBe('revoked')
    expect(log.entries.size()).toBe(1)
  })

  it('is not replaced by an ended epoch, which a node that lags may still name', () => {
    const log = loaded()
    const all = [2, 'issuer', '', until, start] as const
    log.accept({ epoch: 'e2', to: 2, iat: start + 1, entries: [all] }, at(1))
    expect(log.accept({ to: 1, iat: start + 2, keys: 'old' }, at(2))).toBe('gap')
    expect(log.verdict('b')).toBe('revoked')
    expect(log.position()).toEqual({ epoch: 'e2', after: 2 })
    expect(log.log().newest.keys).toBe('k')
    // No message names the newer epoch any more, so the older one is in force.
    expect(log.accept({ to: 1, iat: start + 61 }, at(61))).toBe('applied')
    expect(log.position()).toEqual({ epoch: 'e1', after: 1 })
    expect(log.verdict('b')).toBe('revoked')
  })

  it('enforces at once the entries of a node that is still in the ended epoch', () => {
    const log = loaded()
    log.accept({ epoch: 'e2', iat: start + 1 }, at(1))
    const event = { after: 1, to: 2, iat: start + 5, entries: [[2, 'token', 'b', until]] } as const
    expect(log.accept(event, at(5))).toBe('gap')
    expect(['a', 'b'].map((jti) => log.verdict(jti, start + 5))).toEqual(['revoked', 'revoked'])
  })

  it('may follow another epoch that was not read completely', () => {
    const log = loaded()
    log.accept({ epoch: 'e2', to: 3, head: 4 }, at(1))
    const entries = [[2, 'token', 'c', until]] as const
    expect(log.accept({ epoch: 'e3', to: 2, entries }, at(2))).toBe('applied')
    expect(log.verdict('c')).toBe('revoked')
    expect(log.position()).toEqual({ epoch: 'e3', after: 2 })
  })
})

describe('a database that went back', () => {
  /** A log of `e1` up to sequence 3, with two known hashes. */
  function hashed() {
    const log = loaded({ toHash: 'h1' })
    const entries = [[3, 'token', 'b', until]] as const
    log.accept({ after: 1, to: 3, afterHash: 'h1', toHash: 'h3', entries, iat: start + 1 }, at(1))
    return log
  }

  const rows: readonly [name: string, claims: Partial<FeedMessage>, Acceptance][] = [
    [
      'another hash where the message begins',
      { after: 3, to: 4, afterHash: 'x', toHash: 'h4' },
      'rolled_back',
    ],
    ['another hash where it ends', { after: 3, to: 3, afterHash: '', toHash: 'x' }, 'rolled_back'],
    [
      'another hash at an older sequence',
      { after: 1, to: 2, head: 2, afterHash: 'x' },
      'rolled_back',
    ],
    ['the same hashes', { after: 3, to: 3, afterHash: 'h3', toHash: 'h3' }, 'repeated'],
    ['hashes of unknown sequences', { after: 2, to: 4, afterHash: 'x', toHash: 'h4' }, 'applied'],
    ['no hashes, as from an older issuer', { after: 3, to: 4 }, 'applied'],
    [
      'another hash in a message that was signed long ago',
      { after: 3, to: 3, toHash: 'x', iat: start - 99 },
      'repeated',
    ],
    ['a lower head, which may be lag', { after: 1, to: 1, toHash: 'h1' }, 'repeated'],
  ]
  it.each(rows)('is judged by %s', (_, claims, acceptance) => {
    expect(hashed().accept({ iat: start + 2, ...claims }, at(2))).toBe(acceptance)
  })

  it('is not fresh until its log was read again, and its lost entries stay in force', () => {
    const log = hashed()
    log.accept({ after: 1, to: 2, head: 2, afterHash: 'x', iat: start + 5 }, at(5))
    expect(log.age(at(5))).toBe(Infinity)
    expect(log.position()).toEqual({ epoch: '', after: 0 })
    const entries = [[2, 'token', 'c', until]] as const
    expect(log.accept({ to: 2, toHash: 'x2', entries, iat: start + 6 }, at(6))).toBe('applied')
    expect(log.age(at(6))).toBe(0)
    expect(['a', 'b', 'c'].map((jti) => log.verdict(jti))).toEqual([
      'revoked',
      'revoked',
      'revoked',
    ])
    // Issued after the rollback and its leeway: the version numbers may have begun again.
    expect(log.verdict('b', start + 16)).toBe('live')
  })

  it('has a lower head for a minute, which counts as lag until then', () => {
    const log = loaded({ to: 8 })
    const lower = (seconds: number) =>
      log.accept({ after: 2, to: 2, iat: start + seconds }, at(seconds))
    expect([lower(10), lower(40), lower(69)]).toEqual(['repeated', 'repeated', 'repeated'])
    expect(log.age(at(69))).toBe(69)
    expect(lower(70)).toBe('rolled_back')
  })

  it('did not go back if another node names the higher head meanwhile', () => {
    const log = loaded({ to: 8 })
    const head = (to: number, seconds: number) =>
      log.accept({ after: to, to, iat: start + seconds }, at(seconds))
    expect([head(2, 10), head(8, 60), head(2, 75)]).toEqual(['repeated', 'repeated', 'repeated'])
  })

  it('did not go back if an old page with a lower head is repeated for minutes', () => {
    const log = loaded({ to: 8, iat: start + 1 })
    const old = { after: 2, to: 2, iat: start }
    expect([log.accept(old, at(10)), log.accept(old, at(200))]).toEqual(['repeated', 'repeated'])
  })
})

describe('more entries than fit', () => {
  const many = (from: number, count: number) =>
    Array.from({ length: count }, (_, n) => [from + n, 'token', `t${from + n}`, until] as const)

  it('are not applied, no entry is dropped, and the log counts as stale until they fit', () => {
    const log = stage(emptyLog, createKnownEntries(3))
    log.accept({ to: 2, entries: many(1, 2) }, at(0))
    const next = { after: 2, to: 4, entries: many(3, 2), iat: start + 1 }
    expect(log.accept(next, at(1))).toBe('full')
    expect(log.age(at(1))).toBe(Infinity)
    expect(log.position()).toEqual({ epoch: 'e1', after: 2 })
    expect(['t1', 't2', 't3'].map((jti) => log.verdict(jti))).toEqual([
      'revoked',
      'revoked',
      'live',
    ])
    log.entries.prune(until + 1)
    expect(log.accept({ ...next, iat: start + 2 }, at(2))).toBe('applied')
    expect([log.age(at(2)), log.verdict('t4')]).toEqual([0, 'revoked'])
  })

  it('count those of ended epochs', () => {
    const log = stage(emptyLog, createKnownEntries(3))
    log.accept({ to: 2, entries: many(1, 2) }, at(0))
    const page = { epoch: 'e2', to: 12, entries: many(11, 2) }
    expect(log.accept(page, at(1))).toBe('full')
    expect([log.age(at(1)), log.verdict('t1')]).toEqual([Infinity, 'revoked'])
  })

  it('count those of a snapshot that never ends', () => {
    const log = stage(emptyLog, createKnownEntries(1000))
    const page = (): Acceptance => {
      const { after } = log.position()
      return log.accept({ after, to: after + 500, head: 1e9, entries: many(after + 1, 500) }, at(0))
    }
    expect([page(), page(), page(), page()]).toEqual(['partial', 'partial', 'full', 'full'])
    expect(log.entries.size()).toBe(1000)
  })

  it('do not count if they are repeated', () => {
    const log = stage(emptyLog, createKnownEntries(3))
    log.accept({ to: 2, entries: many(1, 2) }, at(0))
    expect(log.accept({ to: 3, entries: many(1, 3), iat: start + 1 }, at(1))).toBe('applied')
    expect(log.verdict('t3')).toBe('revoked')
  })
})

describe('the age of a log', () => {
  it('is not renewed by a message that it has seen before', () => {
    const log = loaded()
    const heartbeat = { after: 1, to: 1, iat: start + 2 }
    log.accept(heartbeat, at(2))
    log.accept(heartbeat, at(40))
    expect(log.age(at(40))).toBe(38)
  })

  it('is renewed by a heartbeat', () => {
    const log = loaded()
    log.accept({ after: 1, to: 1, iat: start + 30 }, at(30))
    expect(log.age(at(31))).toBe(1)
  })

  it('is not renewed by a page that stops below the head', () => {
    const log = loaded()
    expect(log.accept({ after: 1, to: 2, head: 9, iat: start + 30 }, at(30))).toBe('partial')
    expect(log.age(at(30))).toBe(30)
  })

  it('is not renewed by a new message that withholds or does not know later entries', () => {
    const log = loaded()
    const iat = start + 30
    expect(log.accept({ to: 1, head: 5, iat }, at(30))).toBe('repeated')
    expect(log.accept({ to: 0, head: 0, iat }, at(30))).toBe('repeated')
    expect(log.age(at(30))).toBe(30)
  })

  it('counts a late message from its signed time', () => {
    const log = loaded()
    log.accept({ after: 1, to: 1, iat: start + 20 }, at(30))
    expect(log.age(at(30))).toBe(10)
  })

  it('is correct after the wall clock jumped an hour by mistake, and no entry is lost', () => {
    const log = loaded()
    log.accept({ after: 1, to: 1, iat: start + 10 }, at(10, 3600))
    const entries = [[2, 'token', 'b', until]] as const
    log.accept({ after: 1, to: 2, iat: start + 20, entries }, at(20, 3600))
    expect(log.age(at(21, 3600))).toBe(1)
    expect(log.verdict('b')).toBe('revoked')
  })

  it('does not count messages that a proxy delayed as fresh', () => {
    const log = loaded()
    const held = latenessMaxSeconds + 30
    log.accept({ after: 1, to: 1, iat: start + 1 }, at(1 + held))
    log.accept({ after: 1, to: 1, iat: start + 2 }, at(2 + held))
    expect(log.age(at(2 + held))).toBe(2 + held)
  })
})

describe('the fingerprint of keys', () => {
  it('is accepted after the clock of the issuer was set back', () => {
    const log = loaded()
    log.accept({ after: 1, to: 1, iat: start + 3600 }, at(10, 3600))
    log.accept({ after: 1, to: 1, iat: start + 20, keys: 'k2' }, at(20))
    expect(log.log().newest).toEqual({ keys: 'k2', iat: start + 20 })
  })

  it('is ignored in a message that was signed long ago', () => {
    const log = loaded()
    log.accept({ after: 1, to: 1, iat: start + 60, keys: 'k2' }, at(60))
    log.accept({ after: 1, to: 1, iat: start + 30 }, at(61))
    expect(log.log().newest.keys).toBe('k2')
  })
})
