import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { blocksOf } from '../docs/blocks.ts'
import { expectations } from './expectations.ts'

const read = (path: string): string => readFileSync(join(import.meta.dirname, path), 'utf8')
const page = read('../../docs/verify-in-other-languages.md')
const programs = blocksOf(page).filter(({ language }) => language !== 'text')

test.each([
  ['python', 'verify.py', 'python/verify.py'],
  ['go', 'main.go', 'go/verify/main.go'],
  ['rust', 'verify.rs', 'rust/src/bin/verify.rs'],
  ['java', 'Verify.java', 'java/src/main/java/Verify.java'],
])('the %s program of the page is the file that test:foreign runs', (language, name, file) => {
  const block = programs.find((one) => one.language === language)
  expect([block?.word, block?.text]).toEqual([name, read(file)])
  expect(expectations.filter((one) => one.isSnippet).map(({ group }) => group)).toContain(language)
})

test('the page has no other program', () => {
  expect(programs).toHaveLength(4)
})

test('each program refuses the same tokens, as many as the page says', () => {
  const [first, ...others] = expectations
    .filter((one) => one.isSnippet)
    .map(({ rows }) => Object.keys(rows).filter((name) => rows[name] !== 'ok'))
  expect(page.replaceAll('\n', ' ')).toContain(
    `refuses ${first?.length} tokens with one fault each`,
  )
  expect(others).toEqual([first, first, first])
})
