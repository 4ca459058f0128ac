import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRefreshTokens } from './refresh-token.ts'

const sid = 'AAECAwQFBgcICQoLDA0ODw'
const tokens = createRefreshTokens({ secret: Buffer.alloc(32, 1), randomBytes })
const others = createRefreshTokens({ secret: Buffer.alloc(32, 2), randomBytes })

describe('a refresh token', () => {
  it('carries its family and generation, and reads back as it was made', () => {
    const made = tokens.mint(sid, 7)
    expect(made.text).toMatch(/^rt_[\w-]{92}$/)
    expect(tokens.read(made.text)).toEqual({ sid, generation: 7, hash: made.hash })
  })

  it('is a different one each time, in no order (E19)', () => {
    const seen = new Set<string>()
    for (let count = 0; count < 10_000; count += 1) seen.add(tokens.mint(sid, 1).text)
    expect(seen.size).toBe(10_000)
  })

  it('is unknown when another server made it', () => {
    expect(others.read(tokens.mint(sid, 1).text)).toBeUndefined()
  })

  it('is unknown with any one character changed, added or dropped', () => {
    const { text } = tokens.mint(sid, 1)
    for (let at = 0; at < text.length; at += 1) {
      const other = text[at] === 'A' ? 'B' : 'A'
      expect(tokens.read(text.slice(0, at) + other + text.slice(at + 1))).toBeUndefined()
      expect(tokens.read(text.slice(0, at) + text.slice(at + 1))).toBeUndefined()
    }
    for (const tail of ['=', ' ', 'A', '\n']) expect(tokens.read(text + tail)).toBeUndefined()
  })

  it('has one spelling: the other base64 alphabet is refused', () => {
    const respelled = Array.from({ length: 200 }, () => tokens.mint(sid, 1).text)
      .filter((text) => text.slice(3).includes('-') || text.slice(3).includes('_'))
      .map((text) => `rt_${text.slice(3).replaceAll('-', '+').replaceAll('_', '/')}`)
    expect(respelled.length).toBeGreaterThan(50)
    expect(respelled.filter((text) => tokens.read(text) !== undefined)).toEqual([])
  })

  it('never throws over foreign text', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 200 }), (text) => {
        expect(tokens.read(text)).toBeUndefined()
        expect(tokens.read(`rt_${text}`)).toBeUndefined()
      }),
    )
  })
})

describe('the seal of a successor', () => {
  const presented = tokens.mint(sid, 1).text
  const successor = tokens.mint(sid, 2).text
  const seal = tokens.sealSuccessor(successor, presented)

  it('opens with the presented token', () => {
    expect(tokens.openSuccessor(seal, presented)).toBe(successor)
  })

  it.each([
    ['another token', tokens, seal, tokens.mint(sid, 1).text],
    ['another server secret', others, seal, presented],
    ['a flipped bit', tokens, seal.map((byte, at) => (at === 20 ? byte ^ 1 : byte)), presented],
    ['a cut tag', tokens, seal.subarray(0, seal.length - 1), presented],
    ['nothing sealed', tokens, new Uint8Array(28), presented],
  ] as const)('stays closed with %s', (_, opener, sealed, token) => {
    expect(opener.openSuccessor(sealed, token)).toBeUndefined()
  })

  it('holds nothing readable of the successor', () => {
    expect(Buffer.from(seal).includes(successor.slice(3, 20))).toBe(false)
  })
})
