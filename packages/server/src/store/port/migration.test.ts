import { describe, expect, test } from 'vitest'
import { isStoreFault } from './fault.ts'
import { checksumOf, pendingMigrations, type Migration } from './migration.ts'

const first: Migration = { number: 1, name: 'first', statements: ['create table a (b text)'] }
const second: Migration = { number: 2, name: 'second', statements: ['create table c (d text)'] }
const applied = (migration: Migration) => ({
  number: migration.number,
  checksum: checksumOf(migration),
})

describe('pending migrations', () => {
  test.each([
    ['an empty database needs all', [], [first, second]],
    ['a database with the first step needs the second', [applied(first)], [second]],
    ['a database with all steps needs none', [applied(first), applied(second)], []],
  ])('%s', (_, done, pending) => {
    expect(pendingMigrations(done, [first, second])).toEqual(pending)
  })

  test.each([
    ['a newer schema', [applied(first), { number: 3, checksum: 'x' }], 'newer than this program'],
    ['another text of a known step', [{ number: 1, checksum: 'x' }], 'is not the one'],
  ])('%s is a fault with its remedy', (_, done, said) => {
    let thrown: unknown
    try {
      pendingMigrations(done, [first, second])
    } catch (fault) {
      thrown = fault
    }
    expect(isStoreFault(thrown) && thrown.kind).toBe('schema')
    expect(String(thrown)).toContain(said)
  })
})
