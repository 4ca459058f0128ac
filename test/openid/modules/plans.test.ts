import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ModuleRow } from './module-row.ts'
import { requestRows } from './request-rows.ts'
import { sessionRows } from './session-rows.ts'
import { openSuite, type Suite } from './suite.ts'
import { userinfoRows } from './userinfo-rows.ts'

const rows: readonly ModuleRow[] = [...userinfoRows, ...requestRows, ...sessionRows]

it('has a row for each module of the plans', () => {
  expect(new Set(rows.map(({ name }) => name)).size).toBe(35)
})

describe.each([
  ['Basic', 'query'],
  ['Form Post', 'form_post'],
] as const)('the plan %s', (plan, responseMode) => {
  let suite: Suite
  let passed = 0
  beforeAll(async () => {
    suite = await openSuite(responseMode)
  })
  afterAll(async () => {
    console.log(`note: plan ${plan}: ${rows.length} modules, ${passed} passed`)
    await suite.world.close()
  })

  it.each(rows)('$name: $demands', async ({ run }) => {
    await expect(run(suite)).resolves.toBeUndefined()
    passed += 1
  })
})
