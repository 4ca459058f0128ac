import { describe, expect, test } from 'vitest'
import { count } from '../counts.ts'
import { run } from './run.ts'

describe.each([
  { database: 'sqlite', kills: count({ short: 12, long: 200 }) },
  { database: 'postgres', kills: count({ short: 8, long: 200 }) },
] as const)('two nodes on $database', ({ database, kills }) => {
  test(
    `killed ${kills} times at random moments under load, no invariant is broken`,
    async () => {
      const verdict = await run({
        database,
        nodes: 'service',
        plant: 'none',
        kills,
        seconds: 0,
        lanes: 12,
      })
      expect(verdict.violations).toEqual([])
      expect(verdict.families).toBeGreaterThan(kills)
    },
    count({ short: 120_000, long: 3_600_000 }),
  )

  test('a planted bug, a rotation without its condition, is found', async () => {
    const making = {
      nodes: 'store',
      plant: 'no-condition',
      kills: 0,
      seconds: 1,
      lanes: 12,
    } as const
    const { violations } = await run({ database, ...making })
    const found = new Set(violations.map(({ invariant }) => invariant))
    expect(found).toContain('one_successor')
    expect(found).toContain('one_branch')
  }, 60_000)
})
