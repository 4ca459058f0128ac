import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { guardReasons } from '../refusal.ts'
import { sampleOf } from '../refusal.samples.ts'
import { challengeRows } from './rows.ts'

const path = join(import.meta.dirname, '../../../../docs/reference/guard.md')
const section = readFileSync(path, 'utf8').split('## Reasons')[1] ?? ''
const cells = section
  .split('\n')
  .filter((line) => line.startsWith('| `'))
  .map((line) => line.split('|').map((cell) => cell.trim()))

it('the reference lists every reason with its status and error, and no other', () => {
  const written = cells.map((row) => row.slice(1, 4).map((cell) => cell.replaceAll('`', '')))
  const known = guardReasons.map((reason) => {
    const { status, error = '' } = challengeRows[reason]
    return [reason, String(status), error]
  })
  expect(written).toEqual(known)
})

it.each(guardReasons)('the reference lists the facts of %s', (reason) => {
  const common = new Set(['reason', 'proven', 'kid', 'alg', 'jti'])
  const row = cells.find(([, name]) => name === `\`${reason}\``)
  const facts = Object.keys(sampleOf(reason)).filter((name) => !common.has(name))
  expect(facts.filter((name) => row?.[5]?.includes(`\`${name}\``) !== true)).toEqual([])
})
