import { expect, it } from 'vitest'
import { coalesce, coalesceByName } from './coalesce.ts'

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

it('runs a task once for all calls of one name, and again after it failed', async () => {
  const share = coalesceByName<string>()
  const started: string[] = []
  let faults = 1
  const task = (name: string) =>
    share(name, async () => {
      started.push(name)
      if (faults-- > 0) throw new Error('away')
      return `${name} is done`
    })
  const first = [task('a'), task('a')]
  await expect(Promise.allSettled(first)).resolves.toMatchObject([
    { status: 'rejected' },
    { status: 'rejected' },
  ])
  expect(await Promise.all([task('a'), task('b'), task('a')])).toEqual([
    'a is done',
    'b is done',
    'a is done',
  ])
  expect(started).toEqual(['a', 'a', 'b'])
})
