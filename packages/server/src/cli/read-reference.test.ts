import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { readReferenceIn } from './read-reference.ts'

const folder = mkdtempSync(join(tmpdir(), 'countersign-reference-'))
afterAll(() => rmSync(folder, { recursive: true }))
writeFileSync(join(folder, 'secret'), 'of a file\n')

const read = readReferenceIn(folder, { SECRET: 'of a variable\n', EMPTY: '' })

test.each([
  ['env:SECRET', 'of a variable'],
  ['file:secret', 'of a file'],
  ['env:EMPTY', 'The variable EMPTY is not set.'],
  ['env:OTHER', 'The variable OTHER is not set.'],
  ['env:toString', 'The variable toString is not set.'],
  ['env:__proto__', 'The variable __proto__ is not set.'],
  ['file:other', 'The file other cannot be read.'],
  ['file:.', 'The file . cannot be read.'],
])('%s gives: %s', (reference, expected) => {
  const outcome = read(reference)
  expect(outcome.ok ? outcome.value : outcome.refusal).toBe(expected)
})
