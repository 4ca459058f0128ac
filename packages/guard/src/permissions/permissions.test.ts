import type { EpochSeconds } from '@countersign/jwt'
import { describe, expect, it } from 'vitest'
import { nodeReader } from '../policy/request.ts'
import { createGuard } from '../guard/guard.ts'
import { testIssuer } from '../testing/test-issuer.ts'
import {
  joinRequirements,
  prepareRequirement,
  type PreparedRequirement,
  type Requirement,
} from './requirement.ts'

const t = testIssuer()
const guard = createGuard(t.options)
const now = t.clock.now()

function decide(claims: object, requirement: Requirement<unknown>): unknown {
  return judge(claims, guard.prepare(requirement))
}

function judge(claims: object, requirement: PreparedRequirement<unknown>): unknown {
  const rawHeaders = ['authorization', `Bearer ${t.token({ ...claims })}`]
  const outcome = guard.admit(nodeReader, { rawHeaders }, requirement)
  if (outcome instanceof Promise) throw new Error('a promise')
  if (outcome.ok) return 'admitted'
  return `${guard.answer(outcome.refusal).status} ${outcome.refusal.reason}`
}

describe('the requirement of a route (B21)', () => {
  const scope403 = '403 insufficient_scope'
  const rows: readonly (readonly [
    name: string,
    claims: object,
    Requirement<unknown>,
    answer: string,
  ])[] = [
    ['nothing', {}, {}, 'admitted'],
    ['a scope that is there', { scope: 'read write' }, { scope: 'write' }, 'admitted'],
    ['two scopes as text', { scope: 'read write' }, { scope: 'write read' }, 'admitted'],
    ['two scopes as a list', { scope: 'read' }, { scope: ['write', 'read'] }, scope403],
    [
      'a scope that only contains the name',
      { scope: 'notadmin adminx' },
      { scope: 'admin' },
      scope403,
    ],
    ['a scope in capitals', { scope: 'ADMIN' }, { scope: 'admin' }, scope403],
    ['a scope behind a tab', { scope: 'admin\tx' }, { scope: 'admin' }, scope403],
    ['a scope behind a no-break space', { scope: 'x\u00a0admin' }, { scope: 'admin' }, scope403],
    ['a scope in a list', { scope: ['admin'] }, { scope: 'admin' }, scope403],
    ['a scope, of a token without scopes', { scope: undefined }, { scope: 'admin' }, scope403],
    ['one of two roles', { roles: ['b'] }, { role: ['a', 'b'] }, 'admitted'],
    ['a role that is missing', { roles: ['b'] }, { role: 'a' }, '403 insufficient_role'],
    ['a role in roles that are no list', { roles: 'a' }, { role: 'a' }, '403 insufficient_role'],
    ['a role among non-texts', { roles: ['a', 1] }, { role: 'a' }, '403 insufficient_role'],
    ['two permissions', { permissions: ['a', 'b'] }, { permission: ['a', 'b'] }, 'admitted'],
    [
      'one permission too many',
      { permissions: ['a'] },
      { permission: ['a', 'b'] },
      '403 insufficient_permission',
    ],
    ['a fresh sign-in', { auth_time: now - 60 }, { maxAgeSeconds: 60 }, 'admitted'],
    [
      'an old sign-in',
      { auth_time: now - 61 },
      { maxAgeSeconds: 60 },
      '401 authentication_too_old',
    ],
    ['a sign-in of unknown time', {}, { maxAgeSeconds: 60 }, '401 authentication_too_old'],
    [
      'a sign-in of a time that is a text',
      { auth_time: `${now}` },
      { maxAgeSeconds: 60 },
      '401 authentication_too_old',
    ],
    ['one of two contexts', { acr: 'mfa' }, { acr: ['mfa', 'hw'] }, 'admitted'],
    ['a weaker context', { acr: 'pwd' }, { acr: 'mfa' }, '401 authentication_too_weak'],
    [
      'a rule that returns true',
      {},
      { allow: ({ subject }) => subject === 'test-user' },
      'admitted',
    ],
    ['a rule that returns false', {}, { allow: () => false }, '403 denied_by_rule'],
    [
      'a rule that returns a promise',
      {},
      { allow: (() => Promise.resolve(true)) as never },
      '403 denied_by_rule',
    ],
    [
      // If no code caught its rejection, the test run would report it.
      'a rule that returns a rejected promise',
      {},
      { allow: (() => Promise.reject(new Error('bug'))) as never },
      '403 denied_by_rule',
    ],
    [
      'a scope and a role',
      { scope: 'read', roles: [] },
      { scope: 'read', role: 'a' },
      '403 insufficient_role',
    ],
  ]
  it.each(rows)('%s', (_name, claims, requirement, answer) => {
    expect(decide(claims, requirement)).toBe(answer)
  })
})

describe('an invalid requirement', () => {
  const rows: readonly (readonly [name: string, requirement: object])[] = [
    ['a misspelt member', { scopes: 'read' }],
    ['an empty scope', { scope: '' }],
    ['two spaces between scopes', { scope: 'a  b' }],
    ['no scopes', { scope: [] }],
    ['a role that is no text', { role: [1] }],
    ['an age that is no number', { maxAgeSeconds: Number.NaN }],
    ['a negative age', { maxAgeSeconds: -1 }],
    ['a rule that is no function', { allow: true }],
    ['a scope that is undefined', { scope: undefined }],
    ['a role that is undefined', { role: undefined }],
    ['a permission that is undefined', { permission: undefined }],
    ['an age that is undefined', { maxAgeSeconds: undefined }],
    ['an acr that is undefined', { acr: undefined }],
    ['a rule that is undefined', { allow: undefined }],
    ['one good member and one undefined', { scope: 'read', role: undefined }],
    ['a role that is null', { role: null }],
    ['a list with a hole', { role: ['a', undefined] }],
    ['a set of roles', { role: new Set(['admin']) }],
    ['a rule instead of a requirement', () => true],
    ['a list instead of a requirement', []],
    ['a list of requirements', [{ role: 'admin' }]],
    ['a number', 42 as unknown as object],
    ['a text', 'admin' as unknown as object],
    ['true', true as unknown as object],
    ['null', null as unknown as object],
    ['undefined', undefined as unknown as object],
    ['a map', new Map([['role', 'admin']])],
    ['a set', new Set(['admin'])],
    [
      'an instance of a class',
      new (class {
        role = 'admin'
      })(),
    ],
    ['a promise', Promise.resolve({ role: 'admin' })],
    ['a member under a symbol', { [Symbol('role')]: 'admin' }],
    ['a member that is inherited', Object.create({ role: 'admin' })],
    [
      'a member inherited from an object without a prototype',
      Object.create(Object.assign(Object.create(null), { role: 'a' })),
    ],
  ]
  it.each(rows)('throws at once: %s', (_name, requirement) => {
    expect(() => prepareRequirement(requirement)).toThrow(TypeError)
  })

  it.each(rows)('rejects a check inside a handler: %s', async (_name, requirement) => {
    const request = { rawHeaders: ['authorization', `Bearer ${t.token()}`] }
    await expect(guard.require(request, requirement)).rejects.toThrow(TypeError)
  })
})

describe('a requirement of any valid token', () => {
  const rows: readonly (readonly [name: string, () => PreparedRequirement<unknown>])[] = [
    ['is left out', () => prepareRequirement()],
    ['is an empty object', () => prepareRequirement({})],
    ['is empty and has no prototype', () => prepareRequirement(Object.create(null) as object)],
  ]
  it.each(rows)('%s', (_name, prepareIt) => {
    expect(prepareIt().isEmpty).toBe(true)
  })
})

it('a later change of a list does not change the requirement', () => {
  const role = ['admin']
  const prepared = prepareRequirement({ role })
  role.push('guest')
  expect(judge({ roles: ['guest'] }, prepared)).toBe('403 insufficient_role')
})

describe('two requirements joined', () => {
  const rows: readonly (readonly [
    name: string,
    Requirement<unknown>,
    Requirement<unknown>,
    string,
  ])[] = [
    ['both scopes', { scope: 'a' }, { scope: 'b c' }, 'admitted'],
    ['a scope of one requirement', { scope: 'x' }, { scope: 'b' }, '403 insufficient_scope'],
    ['a scope of the other requirement', { scope: 'a' }, { scope: 'x' }, '403 insufficient_scope'],
    ['a role that both accept', { role: ['r', 's'] }, { role: ['r', 't'] }, 'admitted'],
    [
      'a role that only one accepts',
      { role: ['s', 'u'] },
      { role: ['r', 'u'] },
      '403 insufficient_role',
    ],
    ['a role of each', { role: 'r' }, { role: ['q', 'x'] }, 'admitted'],
    ['an acr that both accept', { acr: ['mfa', 'pwd'] }, { acr: ['mfa', 'otp'] }, 'admitted'],
    ['an acr that only one accepts', { acr: 'mfa' }, {}, 'admitted'],
    ['a permission of one', { permission: 'p' }, {}, 'admitted'],
    [
      'permissions of both',
      { permission: 'p' },
      { permission: 'q' },
      '403 insufficient_permission',
    ],
    [
      'the shorter age',
      { maxAgeSeconds: 600 },
      { maxAgeSeconds: 30 },
      '401 authentication_too_old',
    ],
    ['rules of both', { allow: () => true }, { allow: () => false }, '403 denied_by_rule'],
    [
      'a rule that returns a promise',
      { allow: () => true },
      { allow: (() => Promise.resolve(true)) as never },
      '403 denied_by_rule',
    ],
    ['nothing at all', {}, {}, 'admitted'],
  ]
  it.each(rows)('%s', (_name, one, other, answer) => {
    const claims = {
      scope: 'a b c',
      roles: ['q', 'r'],
      permissions: ['p'],
      auth_time: now - 60,
      acr: 'mfa',
    }
    const parts = [prepareRequirement(one), prepareRequirement(other)] as const
    expect(judge(claims, joinRequirements(...parts))).toBe(answer)
    expect(judge(claims, joinRequirements(parts[1], parts[0]))).toBe(answer)
  })

  it('that no caller can meet throw', () => {
    const [one, other] = [prepareRequirement({ acr: 'a' }), prepareRequirement({ acr: ['b', 'c'] })]
    expect(() => joinRequirements(one, other)).toThrow('acr')
  })
})

it('roles, permissions and scopes may have other claims', async () => {
  const by = createGuard({
    ...t.options,
    permissions: {
      roles: ['realm_access', 'roles'],
      permissions: 'https://x/perms',
      scopes: 'scp',
    },
  })
  const claims = { realm_access: { roles: ['r'] }, 'https://x/perms': ['p'], scp: ['s'] }
  const caller = await by.require({ rawHeaders: ['authorization', `Bearer ${t.token(claims)}`] })
  expect([caller.roles, caller.permissions, caller.scopes]).toEqual([['r'], ['p'], ['s']])
  expect(caller.expiresAt satisfies EpochSeconds).toBeGreaterThan(now)
})
