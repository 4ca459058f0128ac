import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { isModestAscii, shortestLength } from './compact-json.ts'
import { parseStrictJson, type JsonValue } from './strict-json.ts'

describe('modest ASCII', () => {
  const rows: readonly [string, string, number, number, boolean][] = [
    ['claims', '{"a":"b","c":1700000001}', 16, 1024, true],
    ['as many openings as levels', '{"a":{},"b":[]}', 3, 1024, true],
    ['one opening more', '{"a":{},"b":[],"c":[]}', 3, 1024, false],
    ['one object more', '{"a":{},"b":{}}', 2, 1024, false],
    ['a bracket in a text counts like any', '{"a":"["}', 1, 1024, false],
    ['a backslash', '{"a":"\\n"}', 16, 1024, false],
    ['no level at all', '{}', 0, 1024, false],
    ['a letter beyond ASCII', '{"a":"\u00e9"}', 16, 1024, false],
    ['a control character beyond ASCII', '{"a":"\u0080"}', 16, 1024, false],
    ['the last letter of ASCII, DEL', '{"a":"\u007f"}', 16, 1024, false],
    ['two members under a limit of two', '{"":0,"":0', 16, 2, true],
    ['space for three members under a limit of two', '{"":0,"":0}', 16, 2, false],
  ]
  it.each(rows)('%s', (_, text, depthMax, membersMax, modest) => {
    expect(isModestAscii(text, depthMax, membersMax)).toBe(modest)
  })
})

describe('the shortest length', () => {
  const known: readonly string[] = [
    '{"a":"b"}',
    '{"":""}',
    '{}',
    '[]',
    'null',
    '{"a":"b","c":1700000001}',
    '{"a":1000000001,"b":9999999999}',
    '{"a":1700000100}',
    '{"a":0,"b":9,"c":10,"d":999,"e":123456}',
    '{"a":999999999999999,"b":10000000001}',
    '{"a":true,"b":false,"c":null}',
    '{"aud":["a","b"],"act":{"sub":"c","act":{}},"d":[[],[1]]}',
  ]
  it.each(known)('is that of %s', (text) => {
    expect(shortestLength(parse(text))).toBe(text.length)
  })

  const unknown: readonly string[] = [
    '{"a":1700000000}',
    '{"a":1000}',
    '{"a":1000000000}',
    '{"a":1000000000000001}',
    '{"a":-1700000001}',
    '{"a":1.5}',
    '{"__proto__":"b"}',
    '{"a":["b",{"c":1e300}]}',
  ]
  it.each(unknown)('is not known of %s', (text) => {
    expect(shortestLength(parse(text))).toBeNaN()
  })

  it('no spelling of a number is shorter', () => {
    const digits = fc
      .tuple(fc.maxSafeNat(), fc.nat(16))
      .map(([number, length]) => `${number}`.slice(0, Math.max(1, length)))
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
    const value = fc.constantFrom('""', '"x"', '1700000001', '2e9', '12e2', '1200', '0', '[]', '{}')
    const spelling = fc.tuple(name, value, fc.constantFrom('', ' '))
    fc.assert(
      fc.property(
        fc.array(spelling, { minLength: 1, maxLength: 5 }),
        fc.boolean(),
        (members, deep) => {
          const object = `{${members.map(([a, b, space]) => `"${a}":${space}${b}`).join(',')}}`
          const text = deep ? `{"a":[${object}]}` : object
          const once = new Set(members.map(([a]) => a)).size === members.length
          expect(once || shortestLength(parse(text)) !== text.length).toBe(true)
          expect(parseStrictJson(text).ok).toBe(once)
        },
      ),
      { numRuns: 2_000 },
    )
  })

  function parse(text: string): JsonValue {
    const value: JsonValue = JSON.parse(text)
    return value
  }
})
