import { expect, test } from 'vitest'
import { checkFunctionNames, topLevelFunctions } from './function-names.ts'

const inFiles = (count: number, name = 'find', folder = 'packages/guard/src') =>
  Array.from({ length: count }, (_, at) => ({
    path: `${folder}/${at}/a.ts`,
    text: `export function ${name}(): void {}\n`,
  }))

test.each([
  ['in three files', inFiles(3), []],
  [
    'in four files',
    inFiles(4),
    ['the name find to functions in 4 files; the limit is 3: src/0/a.ts'],
  ],
  ['in four files of two packages', [...inFiles(2), ...inFiles(2, 'find', 'packages/jwt/src')], []],
  ['in four files of tests', inFiles(4, 'find', 'test/guard'), []],
  ['that each adapter exports', inFiles(8, 'createGuard'), []],
])('a name of functions %s', (_, files, faults) => {
  expect(checkFunctionNames(files)).toEqual(faults.map((fault) => expect.stringContaining(fault)))
})

test.each([
  ['function a() {}', ['a']],
  ['export default async function a() {}', ['a']],
  ['export function* a() {}', ['a']],
  ['const a = (b: B): C => b', ['a']],
  ['export const a = async <T,>(b: T) => b', ['a']],
  ['const a: F = b => b', ['a']],
  ['const a = (\n  b: B,\n) => b', ['a']],
  ['  function a() {}', []],
  ['const a = 1', []],
  ['// function a() {}', []],
])('%s declares %j', (text, names) => {
  expect(topLevelFunctions(text)).toEqual(names)
})
