import { expect, it } from 'vitest'
import type { WireEntry } from './entries.ts'
import { createKnownEntries } from './known-entries.ts'

const token = (id: string, until = 9_000): WireEntry => [0, 'token', id, until]

it('keeps no entry longer than the longest life of a token', () => {
  const entries = createKnownEntries(100)
  const apply = (until: number) =>
    entries.perform({ do: 'apply', entries: [token('a', until)] }, 1_000)
  apply(253_402_300_799)
  entries.prune(1_000)
  expect(entries.check({ jti: 'a', iat: 0 })).toBe('revoked')
  entries.prune(1_001)
  expect([entries.check({ jti: 'a', iat: 0 }), entries.size()]).toEqual(['live', 0])
})

it('counts long ids as several entries', () => {
  const entries = createKnownEntries(100)
  entries.perform({ do: 'apply', entries: [token('a'.repeat(1024)), token('b')] }, Infinity)
  expect([entries.size(), entries.entriesFree()]).toEqual([2, 83])
  entries.prune(9_001)
  expect(entries.entriesFree()).toBe(100)
})

it('drops no entry when more epochs end than it keeps separate', () => {
  const entries = createKnownEntries(100)
  for (let n = 0; n < 20; n += 1) {
    entries.perform({ do: 'apply', entries: [token(`t${n}`)] }, Infinity)
    entries.perform({ do: 'endEpoch', epoch: `e${n}`, issuedUpTo: 100 + n }, Infinity)
  }
  const verdicts = Array.from({ length: 20 }, (_, n) => entries.check({ jti: `t${n}`, iat: 100 }))
  expect(new Set(verdicts)).toEqual(new Set(['revoked']))
  expect(entries.ended()).toHaveLength(8)
  expect(entries.check({ jti: 't0', iat: 120 })).toBe('live')
})

it('changes its generation after each change, and after no repetition', () => {
  const entries = createKnownEntries(100)
  const before = entries.generation()
  entries.perform({ do: 'apply', entries: [token('a')] }, Infinity)
  const after = entries.generation()
  entries.perform({ do: 'apply', entries: [token('a')] }, Infinity)
  expect([after === before, entries.generation() === after]).toEqual([false, true])
})

it('adopts a staged snapshot without earlier staged ones', () => {
  const entries = createKnownEntries(100)
  entries.perform({ do: 'stage', entries: [token('a')], isFirst: true }, Infinity)
  entries.perform({ do: 'stage', entries: [token('b')], isFirst: true }, Infinity)
  entries.perform({ do: 'stage', entries: [token('c')], isFirst: false }, Infinity)
  expect(entries.check({ jti: 'b', iat: 0 })).toBe('live')
  entries.perform({ do: 'adopt' }, Infinity)
  expect(['a', 'b', 'c'].map((jti) => entries.check({ jti, iat: 0 }))).toEqual([
    'live',
    'revoked',
    'revoked',
  ])
})
