import { ok, refuse, type EpochSeconds } from '@countersign/jwt'
import { beforeEach, describe, expect, it } from 'vitest'
import { createInspector, type InspectDeps } from './inspect.ts'

const claims = {
  jti: 'j1',
  aud: 'https://api.test',
  sub: 'alice',
  client_id: 'web',
  scope: 'read write',
  cid: 'internal-of-web',
  cv: 3,
  iat: 1_000,
  exp: 1_600,
  cnf: { jkt: 'k' },
  pjti: ['p'],
  pkid: ['k0'],
  piat: 900,
}

describe('the reader of our own tokens', () => {
  let state = { now: 1_100, generation: 0, verified: 0, asked: 0, dead: false }
  beforeEach(() => {
    state = { now: 1_100, generation: 0, verified: 0, asked: 0, dead: false }
  })
  const inspectorOf = (over: Partial<InspectDeps> = {}, given: object = claims) =>
    createInspector({
      verify: () => {
        state.verified += 1
        return ok({ kid: 'k1', isShared: false, claims: { ...given } })
      },
      verdict: () => {
        state.asked += 1
        return state.dead ? 'revoked' : 'live'
      },
      generation: () => state.generation,
      now: () => state.now as EpochSeconds,
      ...over,
    })
  const reasonOf = (read: ReturnType<ReturnType<typeof inspectorOf>>) =>
    read.ok ? 'live' : read.refusal.reason

  it('reads the claims into what the grants decide by', () => {
    expect(inspectorOf()('a.b.c')).toMatchObject({
      value: {
        jti: 'j1',
        scopes: ['read', 'write'],
        jkt: 'k',
        ancestors: ['p'],
        ancestorKids: ['k0'],
        ancestorIat: 900,
        username: 'alice',
      },
    })
  })

  it('proves a token until it has come twice, and then asks the log again only when it has grown', () => {
    const inspect = inspectorOf()
    for (let count = 0; count < 5; count += 1) inspect('a.b.c')
    expect(state).toMatchObject({ verified: 2, asked: 2 })
    state.generation = 1
    inspect('a.b.c')
    expect(state).toMatchObject({ verified: 2, asked: 3 })
  })

  it('says of a token that it is remembered, and then gives the same object', () => {
    const inspect = inspectorOf()
    const [first, second, third] = [inspect('a.b.c'), inspect('a.b.c'), inspect('a.b.c')]
    expect([first, second]).toMatchObject([
      { value: { isRemembered: false } },
      { value: { isRemembered: true } },
    ])
    expect(third.ok && third.value).toBe(second.ok && second.value)
  })

  it('a remembered token dies with its entry in the log, and at its own end', () => {
    const inspect = inspectorOf()
    inspect('a.b.c')
    expect(reasonOf(inspect('a.b.c'))).toBe('live')
    state = { ...state, generation: 1, dead: true }
    expect(reasonOf(inspect('a.b.c'))).toBe('revoked')
    state = { ...state, dead: false, generation: 2 }
    inspect('a.b.c')
    expect(reasonOf(inspect('a.b.c'))).toBe('live')
    state.now = 1_600
    expect(reasonOf(inspect('a.b.c'))).toBe('expired')
    expect(reasonOf(inspect('another'))).toBe('expired')
  })

  it('never remembers a token that was refused', () => {
    const inspect = inspectorOf({ verify: () => refuse({ reason: 'signature_invalid' }) })
    expect(reasonOf(inspect('a.b.c'))).toBe('signature_invalid')
    expect(reasonOf(inspect('a.b.c'))).toBe('signature_invalid')
  })

  it('does not take a token for another that ends in the same letters', () => {
    const inspect = inspectorOf()
    const [one, other] = ['x', 'y'].map((start) => `${start}.b.${'c'.repeat(20)}`)
    for (let count = 0; count < 3; count += 1) {
      expect(reasonOf(inspect(one ?? ''))).toBe('live')
      expect(reasonOf(inspect(other ?? ''))).toBe('live')
    }
    const sound = inspectorOf({
      verify: (text) =>
        text === one
          ? ok({ kid: 'k1', isShared: false, claims })
          : refuse({ reason: 'signature_invalid' }),
    })
    for (let count = 0; count < 3; count += 1) sound(one ?? '')
    expect(reasonOf(sound(other ?? ''))).toBe('signature_invalid')
    expect(reasonOf(sound(one ?? ''))).toBe('live')
  })

  it.each(['jti', 'aud', 'sub', 'client_id', 'cid', 'cv', 'iat', 'exp'])(
    'cannot read a token without %s',
    (name) => {
      expect(reasonOf(inspectorOf({}, { ...claims, [name]: undefined })('a.b.c'))).toBe(
        'claims_unreadable',
      )
    },
  )

  it('remembers a bounded number, and none longer than its share', () => {
    const inspect = inspectorOf()
    for (let count = 0; count < 10_001; count += 1) {
      inspect(`t${count}`)
      inspect(`t${count}`)
    }
    expect(state.verified).toBe(20_002)
    inspect('t0')
    expect(state.verified).toBe(20_003)
    inspect('t10000')
    expect(state.verified).toBe(20_003)
  })
})
