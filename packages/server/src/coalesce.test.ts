import { expect, it } from 'vitest'
import { coalesce } from './coalesce.ts'

it('shares one more look among all who ask while one runs', async () => {
  const ends: (() => void)[] = []
  const look = coalesce(() => new Promise<void>((resolve) => void ends.push(resolve)))
  const first = look()
  const others = [look(), look(), look()]
  expect(ends).toHaveLength(1)
  ends[0]?.()
  await Promise.resolve()
  expect(ends).toHaveLength(2)
  ends[1]?.()
  await Promise.all([first, ...others])
  expect(ends).toHaveLength(2)
})

it('looks again after a look that failed', async () => {
  let faults = 1
  const look = coalesce(async () => {
    if (faults-- > 0) throw new Error('the database is away')
  })
  await expect(look()).rejects.toThrow('away')
  await expect(look()).resolves.toBeUndefined()
})
