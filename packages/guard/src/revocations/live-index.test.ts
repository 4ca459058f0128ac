import { describe, expect, it } from 'vitest'
import type { RevokingEntry } from '../policy/revocation-entry.ts'
import { readChain } from './chain.ts'
import type { WireEntry } from './entries.ts'
import { createLiveIndex, type IndexedFacts } from './live-index.ts'

const token: IndexedFacts = {
  jti: 'j1',
  iat: 1000,
  kid: 'k1',
  sid: 's1',
  sub: 'u1',
  cid: 'c1',
  cv: 3,
  uv: 2,
}
const until = 2000

describe('an entry revokes its subject and nothing else', () => {
  const rows: readonly [name: string, entry: WireEntry, facts: IndexedFacts, verdict: string][] = [
    ['its token', [1, 'token', 'j1', until], token, 'revoked'],
    ['not another token', [1, 'token', 'j2', until], token, 'live'],
    ['the tokens of its session', [1, 'sid', 's1', until], token, 'revoked'],
    ['not a token without session', [1, 'sid', 's1', until], { ...token, sid: undefined }, 'live'],
    [
      'tokens exchanged from its token',
      [1, 'token', 'p1', until],
      { ...token, ...readChain({ pjti: ['p0', 'p1'] }) },
      'revoked',
    ],
    [
      'tokens exchanged from a token of its key',
      [1, 'key', 'k0', until],
      { ...token, ...readChain({ pjti: ['p0', 'p1'], pkid: ['k0', 'k1'], piat: 1 }) },
      'revoked',
    ],
    [
      'tokens exchanged later from an earlier token',
      [1, 'issuer', '', until, token.iat - 1],
      { ...token, ...readChain({ pjti: ['p0'], piat: token.iat - 1 }) },
      'revoked',
    ],
    [
      'not tokens exchanged from a later token',
      [1, 'issuer', '', until, token.iat - 2],
      { ...token, ...readChain({ pjti: ['p0'], piat: token.iat - 1 }) },
      'live',
    ],
    [
      'tokens that a client of a lower version acted for',
      [1, 'client', 'c2', until, 3],
      {
        ...token,
        ...readChain({ act: { sub: 'a', cid: 'c9', cv: 9, act: { cid: 'c2', cv: 2 } } }),
      },
      'revoked',
    ],
    [
      'not tokens that this client acted for later',
      [1, 'client', 'c2', until, 3],
      { ...token, ...readChain({ pjti: 'p1', act: { sub: 'a', act: { cid: 'c2', cv: 3 } } }) },
      'live',
    ],
    ['the tokens of its key', [1, 'key', 'k1', until], token, 'revoked'],
    [
      'the tokens that were encrypted to a key',
      [1, 'key', 'e1', until],
      { ...token, envelopeKid: 'e1' },
      'revoked',
    ],
    [
      'not those that were encrypted to another',
      [1, 'key', 'e1', until],
      { ...token, envelopeKid: 'e2' },
      'live',
    ],
    ['lower versions of its client', [1, 'client', 'c1', until, 4], token, 'revoked'],
    ['not the same version', [1, 'client', 'c1', until, 3], token, 'live'],
    [
      'a token of its client without a version',
      [1, 'client', 'c1', until, 1],
      { ...token, cv: undefined },
      'revoked',
    ],
    ['lower versions of its user', [1, 'user', 'u1', until, 3], token, 'revoked'],
    ['not another user', [1, 'user', 'u2', until, 3], token, 'live'],
    ['stale claims of its user', [1, 'claims_stale', 'u1', until, 3], token, 'claims_stale'],
    ['tokens issued at its moment', [1, 'issuer', '', until, 1000], token, 'revoked'],
    ['not tokens issued a second later', [1, 'issuer', '', until, 999], token, 'live'],
    [
      'not by a name of Object.prototype',
      [1, 'token', '__proto__', until],
      { ...token, jti: 'constructor' },
      'live',
    ],
  ]
  it.each(rows)('%s', (_, entry, facts, verdict) => {
    const index = createLiveIndex()
    index.apply([entry])
    expect(index.check(facts)).toBe(verdict)
  })
})

describe('an index', () => {
  it('lives without entries', () => {
    expect(createLiveIndex().check(token)).toBe('live')
  })

  it('changes its generation when an entry was added', () => {
    const index = createLiveIndex()
    const before = index.generation()
    index.apply([])
    expect(index.generation()).toBe(before)
    index.apply([[1, 'token', 'j9', until]])
    expect(index.generation()).not.toBe(before)
  })

  it('keeps the higher version in either order', () => {
    const index = createLiveIndex()
    index.apply([
      [1, 'client', 'c1', until, 9],
      [2, 'client', 'c1', until, 2],
    ])
    expect(index.check({ ...token, cv: 8 })).toBe('revoked')
  })

  it('drops an entry only after its end', () => {
    const index = createLiveIndex()
    index.apply([
      [1, 'token', 'j1', until],
      [2, 'client', 'c1', until, 9],
      [3, 'issuer', '', until, 5],
    ])
    index.prune(until)
    expect(index.size()).toBe(3)
    index.prune(until + 1)
    expect(index.size()).toBe(0)
    expect(index.check(token)).toBe('live')
  })

  it('replaces all entries with the snapshot of a new epoch', () => {
    const index = createLiveIndex()
    index.apply([[1, 'token', 'j1', until]])
    index.replace([[1, 'sid', 's9', until]])
    expect(index.check(token)).toBe('live')
    expect(index.size()).toBe(1)
  })

  it('lists its entries, for a snapshot on disk', () => {
    const entries: WireEntry[] = [
      [0, 'token', 'a', until],
      [0, 'sid', 'b', until],
      [0, 'key', 'c', until],
      [0, 'client', 'd', until, 1],
      [0, 'user', 'e', until, 2],
      [0, 'claims_stale', 'f', until, 3],
      [0, 'issuer', '', until, 4],
    ]
    const index = createLiveIndex()
    index.apply(entries)
    expect(index.entries()).toEqual(entries)
  })
})

describe('the entry behind a verdict is found', () => {
  const until = 2_000
  const facts = { jti: 'j', iat: 500, kid: 'k', envelopeKid: 'e', sid: 's', cid: 'c', cv: 1 }
  const user = { sub: 'u', uv: 1 }
  const chain = { ancestors: ['p'], ancestorKids: ['pk'], ancestorIat: 400 }
  const actors = [{ cid: 'a', cv: 1 }]
  const all = { ...facts, ...user, ...chain, actors }
  it.each<[string, WireEntry, RevokingEntry]>([
    ['a token', [1, 'token', 'j', until], { kind: 'token', id: 'j', until }],
    ['a token above', [1, 'token', 'p', until], { kind: 'token', id: 'p', until }],
    ['a session', [1, 'sid', 's', until], { kind: 'sid', id: 's', until }],
    ['a key', [1, 'key', 'k', until], { kind: 'key', id: 'k', until }],
    ['a key of an envelope', [1, 'key', 'e', until], { kind: 'key', id: 'e', until }],
    ['a key above', [1, 'key', 'pk', until], { kind: 'key', id: 'pk', until }],
    ['a client', [1, 'client', 'c', until, 2], { kind: 'client', id: 'c', until, belowVersion: 2 }],
    [
      'a client that acted',
      [1, 'client', 'a', until, 2],
      { kind: 'client', id: 'a', until, belowVersion: 2 },
    ],
    ['a user', [1, 'user', 'u', until, 2], { kind: 'user', id: 'u', until, belowVersion: 2 }],
    [
      'changed claims',
      [1, 'claims_stale', 'u', until, 2],
      { kind: 'claims_stale', id: 'u', until, belowVersion: 2 },
    ],
    [
      'everything up to a moment',
      [1, 'issuer', '', until, 450],
      { kind: 'issuer', id: '', until, belowVersion: 450 },
    ],
  ])('%s', (_, entry, found) => {
    const index = createLiveIndex()
    expect(index.findEntry(all)).toBeUndefined()
    index.apply([entry])
    expect(index.findEntry(all)).toEqual(found)
    expect(index.check(all)).toBe(found.kind === 'claims_stale' ? 'claims_stale' : 'revoked')
  })
})
