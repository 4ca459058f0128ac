import { runInNewContext } from 'node:vm'
import { describe, expect, expectTypeOf, it } from 'vitest'
import type { Admission, AdmissionFacts, VerifiedClaims } from '../policy/admission.ts'
import type { StandardSchema } from '../policy/standard-schema.ts'
import { testIssuer } from '../testing/test-issuer.ts'
import { createGuard, type Guard } from './guard.ts'

interface Tenant {
  readonly tenant: string
}

/** A schema of the test. The adapter tests use the real libraries. */
function schemaOf(later: boolean): StandardSchema<Tenant> {
  const validate = (value: unknown) => {
    const tenant = (value as Record<string, unknown>)['tenant']
    if (typeof tenant === 'string') return { value: { tenant } }
    return { issues: [{ message: `no text: ${String(tenant)}`, path: ['tenant', { key: 0 }] }] }
  }
  return {
    '~standard': {
      version: 1,
      vendor: 'test',
      validate: (value) => (later ? Promise.resolve(validate(value)) : validate(value)),
    },
  }
}

const t = testIssuer()
const bearer = (token: string) => ({ rawHeaders: ['Authorization', `Bearer ${token}`] })

describe.each([
  ['at once', false],
  ['later', true],
])('a schema that answers %s', (_name, later) => {
  const guard = createGuard({ ...t.options, claims: schemaOf(later) })

  it('returns its own type to handlers', async () => {
    expectTypeOf(guard).toEqualTypeOf<Guard<Tenant>>()
    const caller = await guard.require(bearer(t.token({ tenant: 'acme', more: 1 })))
    expectTypeOf(caller).toEqualTypeOf<Admission<Tenant>>()
    expectTypeOf(caller.claims.tenant).toBeString()
    expect(caller.claims).toEqual({ tenant: 'acme' })
  })

  it('refuses by path and never by value', async () => {
    const outcome = await guard.check(bearer(t.token({ tenant: ['secret-value'] })))
    expect(outcome).toMatchObject({
      ok: false,
      refusal: { reason: 'claims_invalid', path: 'tenant.0', proven: true },
    })
    expect(JSON.stringify(outcome)).not.toContain('secret-value')
    expect(!outcome.ok && guard.answer(outcome.refusal).headers['www-authenticate']).toContain(
      'error_description="claims_invalid: tenant.0"',
    )
  })

  it('does not run before the signature is proven', async () => {
    const outcome = await guard.check(bearer(t.wrongKey()))
    expect(outcome).toMatchObject({ refusal: { reason: 'signature_invalid' } })
  })
})

it('every member of a caller is frozen, because later requests with its token share it', async () => {
  const claims = { scope: 'read', roles: ['user'], permissions: ['p'], nested: { list: [1] } }
  const token = t.token(claims)
  // A schema may return a new object. The lists of the token's own claims stay ours.
  for (const guard of [createGuard(t.options), createGuard({ ...t.options, claims: anything })]) {
    const caller: object = await guard.require(bearer(token))
    const lists = ['audience', 'scopes', 'roles', 'permissions', 'claims'] as const
    expect(lists.filter((name) => !Object.isFrozen(Reflect.get(caller, name)))).toEqual([])
    expect(Object.isFrozen(caller)).toBe(true)
  }
})

const anything: StandardSchema<object> = {
  '~standard': { version: 1, vendor: 'test', validate: () => ({ value: { any: 'thing' } }) },
}

it('a schema that never answers is a refusal after three seconds', async () => {
  const timers: (readonly [number, () => void])[] = []
  const later = (seconds: number, task: () => void) => {
    timers.push([seconds, task])
    return () => undefined
  }
  const claims: StandardSchema<object> = {
    '~standard': { version: 1, vendor: 'test', validate: () => new Promise(() => undefined) },
  }
  const guard = createGuard({ ...t.options, claims, deps: { ...t.options.deps, later } })
  const outcome = guard.check(bearer(t.token()))
  await Promise.resolve()
  const [timer] = timers
  expect(timer?.[0]).toBe(3)
  timer?.[1]()
  expect(await outcome).toMatchObject({ refusal: { reason: 'check_failed' } })
})

it('the path of a refused claim is one line of plain letters', async () => {
  const path = ['perms', `x\n[INFO] root logged in\u001b[0m${'y'.repeat(200)}`]
  const claims: StandardSchema<object> = {
    '~standard': {
      version: 1,
      vendor: 'test',
      validate: () => ({ issues: [{ message: 'no', path }] }),
    },
  }
  const outcome = await createGuard({ ...t.options, claims }).check(bearer(t.token()))
  expect(outcome).toMatchObject({
    refusal: { path: `perms.x?[INFO] root logged in?[0m${'y'.repeat(95)}` },
  })
})

it('a schema may return claims that contain themselves', async () => {
  const value: Record<string, unknown> = { inner: {} }
  value['inner'] = { outer: value }
  const claims: StandardSchema<object> = {
    '~standard': { version: 1, vendor: 'test', validate: () => ({ value }) },
  }
  const caller = await createGuard({ ...t.options, claims }).require(bearer(t.token()))
  expect(caller.claims).toBe(value)
  expect(Object.isFrozen(value['inner'])).toBe(true)
})

/** The promise class of another realm. Promises of other libraries look the same. */
const ForeignPromise: PromiseConstructor = runInNewContext('Promise')

it.each([
  ['a foreign promise of issues', ForeignPromise.resolve({ issues: [{ message: 'no' }] }), []],
  ['a foreign promise of a value', ForeignPromise.resolve({ value: 'fine' }), ['fine']],
  ['neither a value nor issues', {}, []],
  ['nothing', undefined, []],
])('a schema that returns %s', async (_name, answer, admitted) => {
  const claims = { '~standard': { version: 1, vendor: 'test', validate: () => answer } }
  const guard = createGuard({ ...t.options, claims: claims as unknown as StandardSchema<string> })
  const outcome = await guard.check(bearer(t.token()))
  expect(outcome.ok ? [outcome.value.claims] : []).toEqual(admitted)
})

it('a schema that throws is a refusal', async () => {
  const claims: StandardSchema<Tenant> = {
    '~standard': {
      version: 1,
      vendor: 'test',
      validate: () => {
        throw new Error('bug')
      },
    },
  }
  const guard = createGuard({ ...t.options, claims })
  expect(await guard.check(bearer(t.token()))).toMatchObject({
    refusal: { reason: 'check_failed' },
  })
})

it('a handler cannot be called with something that only looks like a caller', async () => {
  const handler = (caller: Admission): string => caller.subject
  const caller = await createGuard(t.options).require(bearer(t.token()))
  expect(handler(caller)).toBe('test-user')
  const { subject, ...facts }: AdmissionFacts<VerifiedClaims> = caller
  // @ts-expect-error the mark of an admission has no other maker
  const forged: Admission = { ...facts, subject }
  expect(forged).toBeDefined()
})
