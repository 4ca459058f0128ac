import { createGuard } from '@countersign/guard'
import { testIssuer } from '@countersign/guard/testing'
import { type } from 'arktype'
import * as v from 'valibot'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { z } from 'zod'

const t = testIssuer()
const bearer = (token: string) => ({ rawHeaders: ['Authorization', `Bearer ${token}`] })

// Each with its own types, so that what is inferred is checked when this file is compiled.
const byZod = createGuard({ ...t.options, claims: z.object({ tenant: z.string() }) })
const byValibot = createGuard({ ...t.options, claims: v.object({ tenant: v.string() }) })
const byArktype = createGuard({ ...t.options, claims: type({ tenant: 'string' }) })

it('the type of the schema reaches the handler', async () => {
  const token = t.token({ tenant: 'acme' })
  expectTypeOf((await byZod.require(bearer(token))).claims.tenant).toBeString()
  expectTypeOf((await byValibot.require(bearer(token))).claims.tenant).toBeString()
  expectTypeOf((await byArktype.require(bearer(token))).claims.tenant).toBeString()
})

describe.each([
  ['zod', byZod],
  ['valibot', byValibot],
  ['arktype', byArktype],
])('%s', (_name, guard) => {
  it('admits claims that fit and refuses others by their path', async () => {
    const caller = await guard.require(bearer(t.token({ tenant: 'acme' })))
    expect(caller.claims.tenant).toBe('acme')
    const outcome = await guard.check(bearer(t.token({ tenant: 7 })))
    expect(outcome).toMatchObject({ refusal: { reason: 'claims_invalid', path: 'tenant' } })
  })
})
