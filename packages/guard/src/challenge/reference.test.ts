import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { guardReasons } from '../refusal.ts'
import { challengeRows } from './rows.ts'

it('the reference lists every reason with its status and error, and no other', () => {
  const path = join(import.meta.dirname, '../../../../docs/reference/guard.md')
  const section = readFileSync(path, 'utf8').split('## Reasons')[1] ?? ''
  const written = section
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) =>
      line
        .split('|')
        .map((cell) => cell.trim().replaceAll('`', ''))
        .slice(1, 4),
    )
  const known = guardReasons.map((reason) => {
    const { status, error = '' } = challengeRows[reason]
    return [reason, String(status), error]
  })
  expect(written).toEqual(known)
})
