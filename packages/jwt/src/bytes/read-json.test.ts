import { describe, expect, it } from 'vitest'

import { readJson } from './read-json.ts'
import { parseStrictJson } from './strict-json.ts'

describe('JSON with escapes in names', () => {
  const texts: readonly string[] = [
    '{"\\n":1,"\\"":{"\\\\":[]},"\\u0061":{}}',
    ' [ { "\\t" : [ 1 , -2e1 , "x\\"" ] , "b" : null } , true , false , [ ] , { } ] ',
    '"\\ud83d\\ude00"',
    '{"\\u005f_proto__":{"a":1}}',
    '12',
  ]
  it.each(texts)('reads %s', (text) => {
    expect(JSON.stringify(readJson(text))).toBe(JSON.stringify(JSON.parse(text)))
  })

  const broken: readonly string[] = [
    '',
    '{',
    '{"\\n"}',
    '{"\\n":}',
    '{"\\n":1,}',
    '{"\\n":1',
    '{"\\n":1]',
    '{"\\n":1 2}',
    '{1:2}',
    '{"\\x":1}',
    '{"\\":1}',
    '{"\\n":01}',
    '{"\\n":"',
    '[1',
    '[1,]',
    '[1}',
    '[,1]',
    '1 2',
    '{}}',
    'nul',
    '\u00a01',
  ]
  it.each(broken)('refuses %j', (text) => {
    expect(readJson(text)).toBeUndefined()
  })
})

// https://github.com/nodejs/node/issues/63785
describe('a name that is a backslash, seen before', () => {
  const seen: unknown[] = []
  for (const before of ['', '"x":[],', '"x":[],"a":{},']) {
    seen.push(JSON.parse(`{${before}"\\\\":1}`))
  }

  it('does not become the name of an escape', () => {
    const text = '{"x":1,"\\n":2}'
    expect(parseStrictJson(text)).toMatchObject({ ok: true, value: { x: 1, '\n': 2 } })
    expect(seen).toHaveLength(3)
  })

  it('hides no duplicate', () => {
    const text = '{"x":1,"a":"one","\\u0061":"two"}'
    expect(parseStrictJson(text)).toMatchObject({ refusal: { reason: 'json_duplicate_member' } })
  })

  it('ends no name early', () => {
    for (const text of ['{"\\":1}', '{"x":1,"\\":2}']) {
      expect(parseStrictJson(text)).toMatchObject({ refusal: { reason: 'json_syntax' } })
    }
    expect(parseStrictJson('{"x":1,"\\":2,":3}')).toMatchObject({ value: { x: 1, '":2,': 3 } })
  })

  it('changes nothing for escapes in values', () => {
    const text = '{"x":"\\/","b":["\\n","\\""],"c":{"d":"\\\\"}}'
    expect(parseStrictJson(text)).toMatchObject({ value: JSON.parse(text) as object })
  })
})
