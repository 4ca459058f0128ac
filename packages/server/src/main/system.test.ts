import { describe, expect, it } from 'vitest'
import { processSystem } from './system.ts'

describe('a random id', () => {
  const { randomId } = processSystem()
  const ids = Array.from({ length: 10_000 }, randomId)

  it('has the 22 letters of 128 bits in base64url, and is unique', () => {
    expect(ids.filter((id) => !/^[\w-]{22}$/u.test(id))).toEqual([])
    expect(new Set(ids).size).toBe(ids.length)
  })

  it('never looks like an option of a command', () => {
    expect(ids.filter((id) => id.startsWith('-'))).toEqual([])
  })
})
