import { describe, expect, it, test } from 'vitest'
import { checkLanguage } from './check-language.ts'
import { bannedOpeners, bannedWords } from './rules.ts'

const check = (path: string, text: string): readonly string[] => checkLanguage([{ path, text }])

const source = 'packages/jwt/src/jwk/a.ts'
const words: Readonly<Record<string, string>> = {
  told: 'The guard is told of it.',
  anew: 'It reads the set anew.',
  standing: 'A folder standing alone.',
  beside: 'A key beside another.',
  whom: 'The client for whom it is.',
  'taken back': 'The token was taken back.',
  'takes back': 'The service takes back a token.',
  'the hands of': 'It is in the hands of a thief.',
  desk: 'The desk has its keys.',
  crowd: 'It serves a crowd of requests.',
  beats: 'A grant has five beats.',
  door: 'Each door reads it.',
  sightings: 'It counts sightings of a token.',
  sentry: 'A sentry asks for it.',
}

describe('a banned word', () => {
  it.each(Object.entries(words))(
    '%s is a fault in a comment, a text and a document',
    (word, text) => {
      const fault = `:1 says "${word}"`
      expect(check(source, `// ${text}\n`)).toEqual([expect.stringContaining(source + fault)])
      expect(check(source, `fail('${text}')\n`)).toEqual([expect.stringContaining(source + fault)])
      expect(check('docs/a.md', `${text}\n`)).toEqual([
        expect.stringContaining(`docs/a.md${fault}`),
      ])
    },
  )

  it('has a row here for each pattern', () => {
    const texts = Object.values(words)
    expect(bannedWords.filter(({ pattern }) => !texts.some((text) => pattern.test(text)))).toEqual(
      [],
    )
  })

  it.each([
    ['in a code span', 'docs/a.md', 'The member `beside` of the API.'],
    ['in the name of a linked file', 'docs/a.md', 'See [http/node-door.ts](../a.ts).'],
    ['in fenced code', 'docs/a.md', '```text\nbeside\n```'],
    ['in a name that holds it', source, '// A heartbeat is outstanding.'],
    ['in a text of fewer than three words', source, "const a = 'beside'"],
    ['of an HTTP listener', 'packages/server/src/http/a.ts', '// Each door reads the head.'],
  ])('is none %s', (_, path, text) => {
    expect(check(path, `${text}\n`)).toEqual([])
  })
})

describe('a banned opener', () => {
  const places: readonly (readonly [string, string, (opener: string) => string, number])[] = [
    ['a docstring', source, (opener) => `/** ${opener} a key is. */`, 1],
    [
      'a later sentence of a docstring',
      source,
      (word) => `/**\n * One.\n * ${word} it is.\n */`,
      3,
    ],
    [
      'a docstring behind its tag',
      source,
      (word) => `/**\n * One.\n * Why: ${word} it is.\n */`,
      3,
    ],
    ['a comment', source, (opener) => `const a = 1 // ${opener} it is.`, 1],
    ['a second line comment', source, (opener) => `// One.\n// ${opener} it is.`, 2],
    ['a test title', 'test/a.test.ts', (word) => `it('${word.toLowerCase()} it is', () => {})`, 1],
    ['an error text', source, (opener) => `throw new TypeError(\`${opener} \${a} is wrong\`)`, 1],
    ['a paragraph', 'docs/a.md', (opener) => `One thing.\n${opener} it is.`, 2],
    ['a list item', 'docs/a.md', (opener) => `- ${opener.toLowerCase()} it is`, 1],
    ['a cell', 'docs/a.md', (opener) => `| a | ${opener.toLowerCase()} it is |`, 1],
    ['a heading', 'docs/a.md', (opener) => `## ${opener} it is`, 1],
    ['the changelog', 'CHANGELOG.md', (opener) => `- ${opener} it is.`, 1],
    ['a comment of a YAML file', 'deploy/a.yml', (opener) => `# ${opener} it is.`, 1],
    ['a comment of SQL', 'a.sql', (opener) => `-- ${opener} it is.`, 1],
  ]
  const upper = (opener: string): string => opener.charAt(0).toUpperCase() + opener.slice(1)

  it.each(places)('is a fault in %s', (_, path, plant, line) => {
    for (const opener of bannedOpeners) {
      expect(check(path, `${plant(upper(opener))}\n`)).toEqual([
        expect.stringMatching(new RegExp(`^${path}:${line} begins a sentence with "`, 'u')),
      ])
    }
  })

  it.each([
    ['a question', 'docs/a.md', '## What is an issuer?'],
    ['a sentence that has it later', source, '// The reader says what it found.'],
    ['a word that begins like one', source, '// Whole numbers only.'],
  ])('is none in %s', (_, path, text) => {
    expect(check(path, `${text}\n`)).toEqual([])
  })
})

const words30 = `${'word '.repeat(29)}word`
test.each([
  ['a sentence of 30 words', 'docs/a.md', `${words30}.`, []],
  [
    'a sentence of 31 words',
    'docs/a.md',
    `A ${words30}.`,
    ['docs/a.md:1 has a sentence of 31 words'],
  ],
  ['two sentences of 30', 'README.md', `${words30}. Then ${words30.slice(5)}.`, []],
  ['code, which counts as one word', 'docs/a.md', `\`a b c d\` ${words30.slice(5)}.`, []],
  ['a long comment, which is no document', source, `// A ${words30}.`, []],
  ['a bullet of 20 words', 'CHANGELOG.md', `- ${words30.slice(50)}`, []],
  [
    'a bullet of 21 words',
    'CHANGELOG.md',
    `- ${words30.slice(45)}`,
    ['CHANGELOG.md:1 has a bullet of 21'],
  ],
])('length: %s', (_, path, text, faults) => {
  expect(check(path, `${text}\n`)).toEqual(faults.map((fault) => expect.stringContaining(fault)))
})

test.each([
  ['a name that says nothing', 'export const roomOf = 1', [`${source}:1 has the name roomOf`]],
  [
    'a name that the dictionary replaces',
    'const surroundings = 1',
    [`${source}:1 has the name surroundings`],
  ],
  ['a part of another word', 'export const bathrooming = 1', []],
  ['a text that only names it', "export const a = 'room'", []],
])('names: %s', (_, text, faults) => {
  expect(check(source, `${text}\n`)).toEqual(faults.map((fault) => expect.stringContaining(fault)))
})
