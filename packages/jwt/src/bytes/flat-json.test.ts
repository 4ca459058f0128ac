import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { isFlatAscii, shortestLength } from './flat-json.ts'
import { parseStrictJson, type JsonObject } from './strict-json.ts'

describe('flat ASCII', () => {
  const rows: readonly [string, string, number, boolean][] = [
    ['claims', '{"a":"b","c":1700000001}', 1024, true],
    ['an object within', '{"a":{}}', 1024, false],
    ['a second object', '{}{', 1024, false],
    ['a list', '{"a":[]}', 1024, false],
    ['a bracket in a text', '{"a":"["}', 1024, false],
    ['a brace in a text', '{"a":"{"}', 1024, false],
    ['a letter beyond ASCII', '{"a":"\u00e9"}', 1024, false],
    ['a control character beyond ASCII', '{"a":"\u0080"}', 1024, false],
    ['the last letter of ASCII', '{"a":"\u007f"}', 1024, true],
    ['room for two members where two may be', '{"":0,"":0', 2, true],
    ['room for three where two may be', '{"":0,"":0}', 2, false],
  ]
  it.each(rows)('%s', (_, text, membersMax, flat) => {
    expect(isFlatAscii(text, text.length, membersMax)).toBe(flat)
  })
})

describe('the shortest length', () => {
  const known: readonly string[] = [
    '{"a":"b"}',
    '{"":""}',
    '{"a":"b","c":1700000001}',
    '{"a":1000000001,"b":9999999999}',
    '{"a":1700000100}',
  ]
  it.each(known)('is that of %s', (text) => {
    expect(shortestLength(parse(text))).toBe(text.length)
  })

  const unknown: readonly string[] = [
    '{}',
    '{"a":1700000000}',
    '{"a":1000000000}',
    '{"a":999999999}',
    '{"a":10000000001}',
    '{"a":-1700000001}',
    '{"a":0}',
    '{"a":true}',
    '{"a":null,"b":"c"}',
    '{"__proto__":"b"}',
  ]
  it.each(unknown)('is not known of %s', (text) => {
    expect(shortestLength(parse(text))).toBeNaN()
  })

  it('no spelling of a number is shorter', () => {
    const digits = fc.integer({ min: 0, max: 9_999_999_999 }).map(String)
    fc.assert(
      fc.property(digits, fc.nat(9), fc.integer({ min: -9, max: 12 }), (text, dot, exponent) => {
        const whole = text.slice(0, Math.max(1, text.length - dot))
        const rest = text.slice(whole.length)
        const number = `${whole}${rest === '' ? '' : `.${rest}`}`
        for (const spelling of [number, `${number}e${exponent}`]) {
          const length = shortestLength({ a: Number(spelling) })
          expect(length > `{"a":${spelling}}`.length).toBe(false)
        }
      }),
      { numRuns: 2_000 },
    )
  })

  it('a text of that length means each member once', () => {
    const name = fc.constantFrom('a', 'b', 'ab', '')
    const value = fc.constantFrom('""', '"x"', '1700000001', '2e9', '1.7e9', '1234567e3', '0')
    const spelling = fc.tuple(name, value, fc.constantFrom('', ' '))
    fc.assert(
      fc.property(fc.array(spelling, { minLength: 1, maxLength: 5 }), (members) => {
        const text = `{${members.map(([a, b, space]) => `"${a}":${space}${b}`).join(',')}}`
        const once = new Set(members.map(([a]) => a)).size === members.length
        expect(once || shortestLength(parse(text)) !== text.length).toBe(true)
        expect(parseStrictJson(text).ok).toBe(once)
      }),
      { numRuns: 2_000 },
    )
  })

  function parse(text: string): JsonObject {
    const value: JsonObject = JSON.parse(text)
    return value
  }
})
