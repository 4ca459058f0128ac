import { parseStrictJson } from '@countersign/jwt'
import fc from 'fast-check'
import { expect, test } from 'vitest'

import { count } from '../counts.ts'
import { readPlainJson } from './plain-json.ts'

const depthMax = 16
const numRuns = count({ short: 4_000, long: 40_000 })

const spaces = fc.constantFrom('', '', '', '', '', '', ' ', '\n', '\t', '\u00a0')
const names = fc.oneof(
  fc.constantFrom('a', 'b', 'ab', '', 'exp', 'é', '\\u0061', '\\n', '__proto__', '\\ud800'),
  fc.string({ maxLength: 4 }).map((name) => JSON.stringify(name).slice(1, -1)),
)
const texts = fc.oneof(
  fc.constantFrom(
    'x',
    '[{',
    ':',
    '\\":',
    '\\\\',
    'é',
    '\\ud83d\\ude00',
    '\\udc00',
    '\u0001',
    '\u007f',
  ),
  fc.string({ maxLength: 6 }).map((text) => JSON.stringify(text).slice(1, -1)),
)
const numbers = fc.oneof(
  fc.constantFrom('0', '-0', '100', '1000', '1e2', '1e3', '1e15', '2e9', '1.7e9', '1234567e3'),
  fc.constantFrom('1700000001', '999999999', '0.5', '1e400', '1e-400', '01', '1.', '.5', '+1'),
  fc.integer().map(String),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
)
const leaves = fc.oneof(
  texts.map((text) => `"${text}"`),
  numbers,
  fc.constantFrom('true', 'false', 'null', 'nul', '{}', '[]'),
)

/** Texts that are nearly always JSON, and often nearly strict. */
const { value: json } = fc.letrec<{ value: string; list: string; object: string }>((tie) => ({
  value: fc.oneof({ depthSize: 'small' }, leaves, tie('list'), tie('object')),
  list: fc
    .array(fc.tuple(spaces, tie('value')), { maxLength: 4 })
    .map((list) => `[${list.map(([space, value]) => `${space}${value}`).join(',')}]`),
  object: fc
    .array(fc.tuple(spaces, names, spaces, tie('value')), { maxLength: 5 })
    .map((all) => `{${all.map(([a, name, b, value]) => `${a}"${name}"${b}:${value}`).join(',')}}`),
}))

function opinions(bytes: Uint8Array): readonly unknown[] {
  const ours = parseStrictJson(bytes)
  return [ours.ok ? { value: ours.value } : undefined, readPlainJson(bytes, depthMax)]
}

test('strict JSON follows its grammar, with each member once', () => {
  fc.assert(
    fc.property(json, (text) => {
      const [ours, plain] = opinions(Buffer.from(text))
      expect(ours).toEqual(plain)
    }),
    { numRuns },
  )
})

test('the same with one byte replaced', () => {
  fc.assert(
    fc.property(json, fc.nat(), fc.nat(255), (text, at, byte) => {
      const bytes = Buffer.from(text)
      bytes[at % bytes.length] = byte
      const [ours, plain] = opinions(bytes)
      expect(ours).toEqual(plain)
    }),
    // A sign is no digit, though `parseInt` takes it.
    { numRuns, examples: [['{" ":"\\udc00"}', 8, 0x2d]] },
  )
})
