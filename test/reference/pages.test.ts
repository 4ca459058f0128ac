import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { referencePages } from '../../tools/reference/pages.ts'

const root = join(import.meta.dirname, '..', '..')

it.each(referencePages)('$path is the page that the code gives', async ({ path, make }) => {
  const committed = await readFile(join(root, path), 'utf8')
  expect(committed, `run "npm run reference" to write ${path} again`).toBe(await make())
})
