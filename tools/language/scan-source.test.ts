import { expect, test } from 'vitest'
import { scanSource } from './scan-source.ts'

test.each([
  ['line comments in a row are one', '// a\n// b\n\n// c', ['comment 1 a b', 'comment 4 c']],
  ['a block comment loses its stars', '/**\n * a\n * b\n */', ['comment 1 a b']],
  ['texts in three kinds of quotes', `f('a', "b", \`c\`)`, ['text 1 a', 'text 1 b', 'text 1 c']],
  [
    'an escaped quote ends no text',
    String.raw`f('a\'b') // c`,
    [String.raw`text 1 a\'b`, 'comment 1 c'],
  ],
  ['code in a template', 'f(`a ${b} c`)', ['text 1 a `…` c']],
  [
    'a text in code in a template',
    "f(`a ${g({ b: 'c' })} d`)",
    ['text 1 a `…`', 'text 1 c', 'text 1 d'],
  ],
  ['a quote in a regular expression', 'const a = /[\'"`/]/u // b', ['comment 1 b']],
  ['a division', "const a = b / c // 'd'", ["comment 1 'd'"]],
  ['a comment mark in a text', "f('// a')", ['text 1 // a']],
])('%s', (_, source, passages) => {
  const found = scanSource(source).passages.map(
    ({ kind, line, text }) => `${kind} ${line} ${text.trim().replaceAll(/\s+/gu, ' ')}`,
  )
  expect(found).toEqual(passages)
})

test('the code alone keeps its lines and columns', () => {
  expect(scanSource("a('b') // c\n/* d\n*/ e").code).toBe('a(   )     \n    \n   e')
})
