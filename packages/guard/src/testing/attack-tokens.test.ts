import { describe, expect, it } from 'vitest'
import { createGuard } from '../guard/guard.ts'
import { nodeReader } from '../policy/request.ts'
import { testIssuer } from './test-issuer.ts'

const t = testIssuer()
const guard = createGuard(t.options)
const tokens = t.attackTokens()

function decide(token: string) {
  const request = { rawHeaders: ['authorization', `Bearer ${token}`] }
  const outcome = guard.admit(nodeReader, request, guard.prepare())
  if (outcome instanceof Promise) throw new Error('a forged token made the guard wait')
  return outcome
}

it('the forger can make a good token, so a refusal is not an accident of the forgery', () => {
  expect(decide(t.token())).toMatchObject({ ok: true })
})

it('knows more than forty kinds, each under a name of its own', () => {
  expect(tokens.length).toBeGreaterThan(40)
  expect(new Set(tokens.map(({ name }) => name)).size).toBe(tokens.length)
  expect(new Set(tokens.map(({ token }) => token)).size).toBe(tokens.length)
})

describe('a forged token is refused, twice alike', () => {
  it.each(tokens)('$name: $why', ({ token }) => {
    const first = decide(token)
    expect(first).toMatchObject({ ok: false, refusal: { reason: expect.any(String) } })
    if (first.ok) return
    expect(guard.answer(first.refusal).status).toBe(401)
    expect(decide(token)).toEqual(first)
  })
})
