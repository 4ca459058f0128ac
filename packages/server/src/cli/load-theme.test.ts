import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { loadTheme } from './load-theme.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'theme-'))
  await writeFile(join(folder, 'right.css'), '--accent: #7b2d5b;\n')
  await writeFile(join(folder, 'wrong.css'), '--accent: #7b2d5b;\nbody { display: none }\n')
})
afterAll(() => rm(folder, { recursive: true }))

test('no theme is none', async () => {
  expect(await loadTheme({ pageTheme: undefined })).toBeUndefined()
})

test('a theme is read from its file', async () => {
  const pageTheme = join(folder, 'right.css')
  expect(await loadTheme({ pageTheme })).toBe(':root{--accent:#7b2d5b;}')
})

test.each([
  {
    file: 'wrong.css',
    has: 'wrong.css is no theme. Line 2 of the theme is not a documented property',
  },
  { file: 'absent.css', has: 'absent.css cannot be read.' },
])('$file is refused with a sentence for the operator', async ({ file, has }) => {
  await expect(loadTheme({ pageTheme: join(folder, file) })).rejects.toThrow(has)
})
