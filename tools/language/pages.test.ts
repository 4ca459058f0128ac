import { join } from 'node:path'
import { expect, it, test } from 'vitest'
import { readProject } from '../project-files.ts'
import { checkLanguage } from './check-language.ts'

const pages = readProject(join(import.meta.dirname, '../..')).filter(({ path }) =>
  path.endsWith('.md'),
)
const long = `${'word '.repeat(30)}word.`
const opener = `${['Wh', 'oever'].join('')} reads it.`

test.each([
  'README.md',
  'SECURITY.md',
  'ARCHITECTURE.md',
  'docs/guard.md',
  'docs/reference/jwt.md',
  'examples/README.md',
  'packages/guard/README.md',
  'packages/jwt/README.md',
  'packages/server/README.md',
])('%s is one of the pages that are checked', (path) => {
  expect(pages.map((page) => page.path)).toContain(path)
})

it.each(pages)('a fault at the end of $path is found', ({ path, text }) => {
  const found = (sentence: string): readonly string[] =>
    checkLanguage([{ path, text: `${text}\n${sentence}\n` }])
  expect(found('')).toEqual([])
  expect(found(long)).toEqual([expect.stringContaining(`${path}:`)])
  expect(found(opener)).toEqual([expect.stringContaining('begins a sentence with')])
})
