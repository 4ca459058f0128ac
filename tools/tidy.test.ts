import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { functionLengths } from './function-lines.ts'
import { checkTidy } from './tidy.ts'

// Split, so that this file does not show what it plants.
const later = ['TO', 'DO'].join('')
const home = ['', 'home', 'ann'].join('/')
const alone = ['on', 'ly'].join('')
const host = ['registry', 'npmjs', 'org'].join('.')

const source = 'packages/jwt/src/jwk/a.ts'
const next = '\nNext: [more](a.md).\n'
const faults: readonly { name: string; path: string; text: string; fault: string }[] = [
  {
    name: 'a mark for later',
    path: 'docs/a.md',
    text: `${later}: more\n${next}`,
    fault: 'docs/a.md:1 has a mark',
  },
  {
    name: 'a lone test',
    path: 'test/a.test.ts',
    text: `\ntest.${alone}('x')\n`,
    fault: 'test/a.test.ts:2 switches',
  },
  {
    name: 'a path of one machine',
    path: 'docs/a.md',
    text: `cd ${home}\n${next}`,
    fault: 'a path of one machine',
  },
  {
    name: 'a registry',
    path: '.npmrc',
    text: `registry=${host}\n`,
    fault: 'names a package registry',
  },
  {
    name: 'a file cut short',
    path: source,
    text: 'const a = 1',
    fault: 'does not end with a newline',
  },
  { name: 'carriage returns', path: source, text: 'const a = 1\r\n', fault: 'carriage returns' },
  {
    name: 'a switch over reasons with a default',
    path: source,
    text: `  switch (refusal.reason) {\n    case 'a':\n      return 1\n    default:\n      return 2\n  }\n`,
    fault: `${source}:1 switches over reasons with a default`,
  },
  {
    name: 'a long docstring',
    path: 'packages/server/src/http/a.ts',
    text: `/**\n${' * More.\n'.repeat(13)} */\nexport const a = 1\n`,
    fault: 'has a docstring of 15 lines',
  },
  {
    name: 'an exported function that promises nothing',
    path: source,
    text: '/** One. */\nexport const a = 1\nexport function thumbprint() {}\n',
    fault: `${source}:3 exports thumbprint without a docstring`,
  },
  {
    name: 'a long function',
    path: 'tools/a.ts',
    text: `function a(): void {\n${'  step()\n'.repeat(69)}}\n`,
    fault: 'tools/a.ts:1 starts a function of 71 lines',
  },
  {
    name: 'a long closure of short functions',
    path: 'tools/a.ts',
    text: `function a(): void {\n${`  const b = () => {\n${'    step()\n'.repeat(31)}  }\n`.repeat(3)}}\n`,
    fault: 'tools/a.ts:1 starts a function of 101 lines with its inner functions; the limit is 100',
  },
  {
    name: 'a banned word',
    path: 'test/a.test.ts',
    text: `it('reads the set ${['an', 'ew'].join('')}', () => {})\n`,
    fault: 'test/a.test.ts:1 says',
  },
  {
    name: 'a banned opener',
    path: source,
    text: `/** ${['Wh', 'at'].join('')} a key is. */\nexport const a = 1\n`,
    fault: `${source}:1 begins a sentence with`,
  },
  {
    name: 'a long sentence in a document',
    path: 'docs/a.md',
    text: `${'word '.repeat(31)}\n${next}`,
    fault: 'docs/a.md:1 has a sentence of 31 words',
  },
  {
    name: 'a long bullet in the changelog',
    path: 'CHANGELOG.md',
    text: `- ${'word '.repeat(21)}\n`,
    fault: 'CHANGELOG.md:1 has a bullet of 21 words',
  },
  {
    name: 'a name of code that says nothing',
    path: source,
    text: `const ${['ro', 'om'].join('')} = 1\n`,
    fault: `${source}:1 has the name`,
  },
]

test('a document names only what is there', () => {
  const doc = (text: string): readonly string[] =>
    checkTidy([
      { path: 'docs/a.md', text: `${text}\n${next}` },
      { path: 'docs/b.svg', text: '<svg/>\n' },
      { path: 'tools/c.ts', text: '' },
    ])
  expect(
    doc('[b](b.svg) [c](../tools/c.ts#L1) [t](../tools) `tools/c.ts` [x](https://x.example)'),
  ).toEqual([])
  expect(doc('[b](c.svg)')).toEqual(['docs/a.md:1 leads to docs/c.svg, which is not there'])
  expect(doc('in `tools/d.ts`')).toEqual(['docs/a.md:1 leads to tools/d.ts, which is not there'])
})

test.each(faults)('$name is a fault', ({ path, text, fault }) => {
  const found = checkTidy([{ path, text }])
  expect(found).toHaveLength(1)
  expect(found[0]).toContain(fault)
})

test('a name of functions in four files of one package is a fault', () => {
  const files = ['a', 'b', 'c', 'd'].map((name) => ({
    path: `packages/jwt/src/jwk/${name}.ts`,
    text: 'function findKey(): void {}\n',
  }))
  expect(checkTidy(files)).toEqual([expect.stringContaining('the name findKey')])
})

test('the glossary has at most 40 words', () => {
  const rows = readFileSync('docs/glossary.md', 'utf8').match(/^\| (?!word)[a-z].* \|$/gmu) ?? []
  expect(rows.length).toBeGreaterThan(20)
  expect(rows.length).toBeLessThanOrEqual(40)
})

test('the first signature of a function has the docstring of all', () => {
  const more = 'export function one(a: number): number\nexport function one(a: unknown) {}\n'
  const text = `/** Gives one. */\nexport function one(): number\n${more}`
  expect(checkTidy([{ path: source, text }])).toEqual([])
  expect(checkTidy([{ path: source, text: more }])).toHaveLength(1)
})

test('tidy files have no faults', () => {
  const text = '/** Gives one. */\nexport function one(): number {\n  return 1\n}\n'
  expect(checkTidy([{ path: source, text }])).toEqual([])
})

test('a function counts its own lines, not those of functions inside it', () => {
  const text = [
    'export async function outer(',
    '  a: A,',
    '): Promise<void> {',
    '  const inner = async () => {',
    '    if (a) {',
    '      return',
    '    }',
    '  }',
    '  return {',
    '    close: () => {',
    '      end()',
    '    },',
    '  }',
    '}',
  ].join('\n')
  expect(functionLengths(text)).toEqual([
    { line: 1, own: 6, whole: 14 },
    { line: 4, own: 5, whole: 5 },
    { line: 10, own: 3, whole: 3 },
  ])
})
