import { describe, expect, it } from 'vitest'
import { processSurroundings } from './surroundings.ts'

describe('a random id', () => {
  const { randomId } = processSurroundings()
  const ids = Array.from({ length: 10_000 }, randomId)

  it('has the letters of 128 bits in base64url, and is drawn once', () => {
    expect(ids.filter((id) => !/^[\w-]{22}$/u.test(id))).toEqual([])
    expect(new Set(ids).size).toBe(ids.length)
  })

  it('is never taken for an option by a command', () => {
    expect(ids.filter((id) => id.startsWith('-'))).toEqual([])
  })
})
