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

it('the forger makes a good token too, so no refusal comes from a mistake of the forger', () => {
  expect(decide(t.token())).toMatchObject({ ok: true })
})

it('knows more than forty kinds, each with its own name', () => {
  expect(tokens.length).toBeGreaterThan(40)
  expect(new Set(tokens.map(({ name }) => name)).size).toBe(tokens.length)
  expect(new Set(tokens.map(({ token }) => token)).size).toBe(tokens.length)
})

it.each(['padding', 'standard alphabet'])(
  '%s: a lenient reader finds the right signature',
  (name) => {
    const [header, claims, signature] =
      tokens.find((each) => each.name === name)?.token.split('.') ?? []
    const strict = Buffer.from(signature ?? '', 'base64').toString('base64url')
    expect(strict).not.toBe(signature)
    expect(decide(`${header}.${claims}.${strict}`)).toMatchObject({ ok: true })
  },
)

it('claims no UTF-8: a lenient reader finds all claims, with a replacement in the subject', () => {
  const token = tokens.find(({ name }) => name === 'claims no UTF-8')?.token
  const claims: unknown = JSON.parse(
    Buffer.from(token?.split('.')[1] ?? '', 'base64url').toString(),
  )
  const { iss, aud, client_id } = JSON.parse(
    Buffer.from(t.token().split('.')[1] ?? '', 'base64url').toString(),
  )
  expect(claims).toMatchObject({ iss, aud, client_id, sub: 'alice\uFFFD' })
})

describe('a forged token is refused, the second time like the first', () => {
  it.each(tokens)('$name: $why', ({ token }) => {
    const first = decide(token)
    expect(first).toMatchObject({ ok: false, refusal: { reason: expect.any(String) } })
    if (first.ok) return
    expect(guard.answer(first.refusal).status).toBe(401)
    expect(decide(token)).toEqual(first)
  })
})
