import { expect, test } from 'vitest'
import { checkAttackCodes } from './attack-codes.ts'

const check = (page: string, title: string, path = 'test/a.test.ts'): readonly string[] =>
  checkAttackCodes([
    { path: 'docs/attacks.md', text: page },
    { path, text: `it('${title}', () => {})\n` },
  ])
// Split, so that no title here has a code.
const [one = '', two = ''] = ['01', '02'].map((number) => `A${number}`)
const row = (name: string, tests: string): string => `| ${name} | an attack | ${tests} |\n`

test.each([
  ['a code with its row', row(one, '`test/a.test.ts`'), `${one} is refused`, []],
  ['no code at all', '', 'is refused', []],
  ['a code inside of a word', '', `SHA256-${one}`, []],
  [
    'a code without a row',
    row(one, '`test/a.test.ts`'),
    `${one} and ${two}`,
    [`test/a.test.ts has the code ${two}, which docs/attacks.md does not explain`],
  ],
  [
    'a row without a test',
    row(one, '`test/a.test.ts`'),
    'is refused',
    [`docs/attacks.md:1 must name test files with ${one}: `],
  ],
  [
    'a row that names another file',
    row(one, '`test/b.test.ts`'),
    `${one} is refused`,
    [`docs/attacks.md:1 must name test files with ${one}: test/a.test.ts`],
  ],
])('%s', (_, page, title, faults) => {
  expect(check(page, title)).toEqual(faults)
})
