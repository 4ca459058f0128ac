import { expect, expectTypeOf, it } from 'vitest'
import { createGuard as express, type ExpressGuard } from '../adapters/express.ts'
import { createGuard as fastify } from '../adapters/fastify.ts'
import { createGuard as fetch } from '../adapters/fetch.ts'
import { createGuard as hono, type HonoGuard } from '../adapters/hono.ts'
import { createGuard as koa } from '../adapters/koa.ts'
import { createGuard as nest } from '../adapters/nest.ts'
import { createGuard as node } from '../adapters/node.ts'
import type { Admission, VerifiedClaims } from '../policy/admission.ts'
import type { StandardSchema } from '../policy/standard-schema.ts'
import { testIssuer } from '../testing/test-issuer.ts'
import { createGuard, type Guard } from './guard.ts'
import type { GuardOptions, SchemaOptions } from './options.ts'

interface Tenant {
  readonly tenant: string
}

const t = testIssuer()
const options: GuardOptions = t.options
const claims: StandardSchema<Tenant> = {
  '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value: value as Tenant }) },
}

it('claims without a schema are the verified ones', () => {
  expectTypeOf(createGuard(options)).toEqualTypeOf<Guard>()
  expectTypeOf(express(options)).toEqualTypeOf<ExpressGuard<VerifiedClaims>>()
  expectTypeOf(hono(createGuard(options))).toEqualTypeOf<HonoGuard<VerifiedClaims>>()
})

it('claims with a schema have its type', () => {
  expectTypeOf(createGuard({ ...options, claims })).toEqualTypeOf<Guard<Tenant>>()
  expectTypeOf(createGuard<Tenant>({ ...options, claims })).toEqualTypeOf<Guard<Tenant>>()
  expectTypeOf(express({ ...options, claims })).toEqualTypeOf<ExpressGuard<Tenant>>()
  expectTypeOf(hono(createGuard({ ...options, claims }))).toEqualTypeOf<HonoGuard<Tenant>>()
  const own: SchemaOptions<Tenant> = { ...options, claims }
  expectTypeOf(createGuard(own)).toEqualTypeOf<Guard<Tenant>>()
})

it('claims of an unchecked type do not compile', () => {
  const unchecked = createGuard(options)
  const mistakes = (): unknown[] => [
    // @ts-expect-error a type without a schema
    createGuard<Tenant>(options),
    // @ts-expect-error a schema that is undefined
    createGuard<Tenant>({ ...options, claims: undefined }),
    // @ts-expect-error the same in each adapter
    express<Tenant>(options),
    // @ts-expect-error
    express<Tenant>({ ...options, claims: undefined }),
    // @ts-expect-error
    fastify<Tenant>(options),
    // @ts-expect-error
    fetch<Tenant>(options),
    // @ts-expect-error
    hono<Tenant>(options),
    // @ts-expect-error
    koa<Tenant>(options),
    // @ts-expect-error
    nest<Tenant>(options),
    // @ts-expect-error
    node<Tenant>(options),
    // @ts-expect-error a guard whose claims are of another type
    hono<Tenant>(unchecked),
  ]
  expect(mistakes).toBeTypeOf('function')
})

it('an admission that no guard made does not compile', async () => {
  const rawHeaders = ['authorization', `Bearer ${t.token()}`]
  const caller = await createGuard(options).require({ rawHeaders })
  const handler = (admitted: Admission): string => admitted.subject
  expect(handler(caller)).toBe('test-user')
  const forgeries = (): string[] => [
    // @ts-expect-error a spread of a caller loses the mark
    handler({ ...caller }),
    // @ts-expect-error
    handler({ ...caller, subject: 'admin' }),
    // @ts-expect-error a literal cannot have it
    handler({ ...caller, admitted: true }),
  ]
  expect(forgeries).toBeTypeOf('function')
})
