import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import {
  decodeBase64url,
  decodeBase64urlInto,
  decodeBase64urlLetters,
  encodeBase64url,
} from './base64url.ts'
import { constantTimeEqual } from './constant-time-equal.ts'
import { createScratch } from './runtime-buffer.ts'
import { parseStrictJson } from './strict-json.ts'

describe('base64url', () => {
  const refused = [
    '=',
    'AA=',
    'AA==',
    'A',
    'AAAAA',
    'AB',
    'AAB',
    'A A',
    'AA\n',
    '\tAA',
    'A+',
    'A/',
    'AA!',
    'AA.',
    'é',
    'AAA\u0141',
    'AA\u0141-',
    '_AAAA',
    'AAAA ',
    'AAA\f',
    'AA  ',
    'A===',
    '-A==',
    '\u0141\u0141',
    'AA\u0000',
  ]

  it.each(refused)('refuses %j', (text) => {
    expect(decodeBase64url(text)).toBeUndefined()
    expect(decodeBase64urlLetters(text)).toBeUndefined()
    expect(decodeBase64urlInto(createScratch(16), text)).toBe(-1)
    expect(decodeBase64urlInto(createScratch(16, true), text)).toBe(-1)
  })

  it('reads exactly what it writes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const text = encodeBase64url(bytes)
        expect([...(decodeBase64url(text) ?? [])]).toEqual([...bytes])
        expect(decodeBase64urlLetters(text)).toBe(Buffer.from(bytes).toString('latin1'))
        for (const portable of [true, false]) {
          const scratch = createScratch(300, portable)
          expect(decodeBase64urlInto(scratch, text)).toBe(bytes.length)
          expect(scratch.latin1(bytes.length)).toBe(Buffer.from(bytes).toString('latin1'))
          expect(scratch.writeLatin1('ab', 1)).toBe(2)
        }
      }),
    )
  })

  it('writes text of any length as UTF-8', () => {
    for (const text of ['', 'é😀', 'é'.repeat(10_000)]) {
      expect(encodeBase64url(text)).toBe(Buffer.from(text).toString('base64url'))
    }
  })

  it('has one text for one value: a text that is read is written the same', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
        const bytes = decodeBase64url(text)
        expect(bytes === undefined || encodeBase64url(bytes) === text).toBe(true)
      }),
    )
  })

  it('reads every text the same as letters', () => {
    const letter = fc.oneof(
      { weight: 40, arbitrary: fc.constantFrom('A', 'B', 'Q', 'g', 'w', '0', '4', '8', '9') },
      { weight: 2, arbitrary: fc.constantFrom('-', '_') },
      {
        weight: 1,
        arbitrary: fc.constantFrom('+', '/', '=', ' ', '\n', '\f', '\0', '.', '\u0141', '\u00e9'),
      },
    )
    fc.assert(
      fc.property(fc.string({ unit: letter, maxLength: 24 }), (text) => {
        expect(decodeBase64urlLetters(text)).toBe(decodeBase64url(text)?.toString('latin1'))
      }),
      { numRuns: 5_000 },
    )
  })

  it('reads letters of any length', () => {
    for (const bytes of [
      Buffer.alloc(0),
      Buffer.alloc(20_000, 'ab?'),
      Buffer.alloc(20_000, 'ab'),
    ]) {
      const text = encodeBase64url(bytes)
      expect(decodeBase64urlLetters(text)).toBe(bytes.toString('latin1'))
      expect(decodeBase64urlLetters(`${text}=`)).toBeUndefined()
    }
  })

  it('a text that does not fit is refused', () => {
    expect(decodeBase64urlInto(createScratch(2), 'AAAA')).toBe(-1)
  })
})

describe('constantTimeEqual', () => {
  it('says what === says', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (a, b) => {
        expect(constantTimeEqual(a, b)).toBe(a === b)
        expect(constantTimeEqual(a, a)).toBe(true)
      }),
    )
    const bytes = Uint8Array.from([1, 2])
    expect(constantTimeEqual(bytes, Uint8Array.from([1, 2]))).toBe(true)
    expect(constantTimeEqual(bytes, Uint8Array.from([1, 3]))).toBe(false)
    expect(constantTimeEqual(bytes, Uint8Array.from([1]))).toBe(false)
    expect(constantTimeEqual(bytes, Uint8Array.from([1, 2, 0]))).toBe(false)
    expect(constantTimeEqual<string | Uint8Array>(new Uint8Array(2), 'ab')).toBe(false)
    expect(constantTimeEqual<string | Uint8Array>('ab', new Uint8Array(2))).toBe(false)
    expect(constantTimeEqual<string | Uint8Array>(bytes, 'ab')).toBe(false)
    expect(constantTimeEqual<string | Uint8Array>('ab', bytes)).toBe(false)
  })
})

describe('strict JSON', () => {
  const rows: readonly [string, string | Uint8Array, string][] = [
    ['a duplicate', '{"a":1,"a":1}', 'json_duplicate_member'],
    ['a duplicate in another spelling', '{"a":1,"\\u0061":1}', 'json_duplicate_member'],
    ['a duplicate behind a colon in a text', '{"a":":","a":"\\":"}', 'json_duplicate_member'],
    ['a duplicate in a list', '[[{"a":{},"a":{}}]]', 'json_duplicate_member'],
    ['a duplicate number name', '{"1":0,"1":0}', 'json_duplicate_member'],
    ['a duplicate among texts alone', '{"a":"b","a":"b"}', 'json_duplicate_member'],
    [
      'a duplicate that a short number makes up for',
      '{"a":2e9,"b":"","b":""}',
      'json_duplicate_member',
    ],
    [
      'a duplicate that a letter makes up for',
      '{"a":"\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9","b":"","b":""}',
      'json_duplicate_member',
    ],
    ['__proto__', '{"__proto__":{}}', 'json_forbidden_member'],
    ['__proto__ deep inside', '[{"a":{"__proto__":1}}]', 'json_forbidden_member'],
    ['__proto__ in escapes', '{"\\u005f_proto__":1}', 'json_forbidden_member'],
    ['1e400', '{"a":1e400}', 'json_number_out_of_range'],
    ['1e400 before members', '[1e400,{"a":0,"b":0}]', 'json_number_out_of_range'],
    ['-1e400 in a list', '[-1e400]', 'json_number_out_of_range'],
    ['a byte order mark', Buffer.from('\ufeff{}'), 'json_syntax'],
    ['a byte order mark in a text', '\ufeff{}', 'json_syntax'],
    ['UTF-16', Buffer.from('{}', 'utf16le'), 'json_syntax'],
    ['C0 AF', Buffer.from([0x22, 0xc0, 0xaf, 0x22]), 'json_not_utf8'],
    ['a raw surrogate', Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22]), 'json_not_utf8'],
    ['a cut character', Buffer.from([0x22, 0xe2, 0x82, 0x22]), 'json_not_utf8'],
    ['a byte beyond ASCII outside of a text', Buffer.from([0xa0, 0x31]), 'json_syntax'],
    ['an escaped lone surrogate', '"\\ud800"', 'json_lone_surrogate'],
    ['one in a list', '["a","\\udc00"]', 'json_lone_surrogate'],
    ['one in a name', '{"\\ud800":[null,1]}', 'json_lone_surrogate'],
    ['one in a text given as text', '"\ud800"', 'json_lone_surrogate'],
    ['an open text', '"abc', 'json_syntax'],
    ['an open escape', '"abc\\', 'json_syntax'],
    ['nothing', '', 'json_syntax'],
    ['17 levels', '['.repeat(17) + ']'.repeat(17), 'json_too_deep'],
    ['100,000 levels', '['.repeat(60_000), 'json_too_deep'],
    [
      '1,025 members',
      `{${Array.from({ length: 1025 }, (_, at) => `"${at}":0`).join(',')}}`,
      'json_too_many_members',
    ],
    ['too much text', 'x'.repeat(65_537), 'json_too_large'],
    ['too many bytes of text', `"${'é'.repeat(40_000)}"`, 'json_too_large'],
    ['too many bytes', Buffer.from(`[${' '.repeat(65_535)}]`), 'json_too_large'],
  ]
  it.each(rows)('refuses %s', (_, input, reason) => {
    expect(parseStrictJson(input)).toEqual({
      ok: false,
      refusal: expect.objectContaining({ reason }) as object,
    })
  })

  it('names a value that it cannot count, under any limits', () => {
    const text = `[${'{"a":1},'.repeat(1_048_575)}0]`
    expect(parseStrictJson(text, { bytesMax: 1e8, membersMax: 1e8 })).toEqual({
      ok: false,
      refusal: { reason: 'json_too_many_members', membersMax: 1_048_574 },
    })
  })

  it('takes limits one by one', () => {
    expect(parseStrictJson('[[1]]', { depthMax: 1 })).toMatchObject({ refusal: { depthMax: 1 } })
    expect(parseStrictJson('{"a":1}', { membersMax: 0 })).toMatchObject({
      refusal: { membersMax: 0 },
    })
    expect(parseStrictJson('[1]', { bytesMax: 2 })).toMatchObject({ refusal: { bytesMax: 2 } })
  })

  it.each([
    ['letters beyond ASCII', '{"a":"\u00e9"}', false],
    ['an escape', '{"a":"\\n"}', false],
    ['an escape next to other values', '{"a":"\\n","b":[null,1,true]}', false],
    ['texts and moments', '{"a":"b","c":1700000001}', true],
    ['texts with white space', '{ "a" : "b" }', true],
    ['a text with DEL', '{"a":"\u007f"}', false],
  ])('tells whether %s is plain', (_, text, plain) => {
    const read = parseStrictJson(text)
    expect(read).toEqual({ ok: true, value: JSON.parse(text) as unknown, plain })
  })

  it('refuses every object under a limit of none', () => {
    expect(parseStrictJson('{"a":"b"}', { depthMax: 0 })).toMatchObject({
      refusal: { depthMax: 0 },
    })
  })

  it('reads all other JSON as the runtime does', () => {
    const json = fc.json({ maxDepth: 6 }).filter((text) => !text.includes('__proto__'))
    fc.assert(
      fc.property(json, (text) => {
        const value: unknown = JSON.parse(text)
        const read = parseStrictJson(text)
        const lawful = ['json_too_deep', 'json_lone_surrogate']
        expect(read.ok ? read.value : value).toEqual(value)
        expect(read.ok || lawful.includes(read.refusal.reason)).toBe(true)
      }),
    )
  })

  it('never throws, and never accepts a text that the runtime refuses', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        const read = parseStrictJson(bytes)
        const text = read.ok ? Buffer.from(bytes).toString() : '0'
        expect(JSON.parse(text)).toEqual(read.ok ? read.value : 0)
      }),
    )
  })

  it('finds every duplicate that is put in', () => {
    const names = fc.uniqueArray(fc.string({ maxLength: 6 }), { minLength: 1, maxLength: 8 })
    fc.assert(
      fc.property(names, fc.nat(), (list, pick) => {
        const member = (name: string): string => `${JSON.stringify(name)} : [{"x":":"}]`
        const all = [...list, list[pick % list.length] ?? ''].map(member)
        expect(parseStrictJson(`{${all.join(' ,\n')}}`).ok).toBe(false)
      }),
    )
  })
})
