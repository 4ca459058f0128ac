import { describe, expect, it } from 'vitest'
import type { StandardSchema } from '../policy/standard-schema.ts'
import { testIssuer } from '../testing/test-issuer.ts'
import { createGuard } from './guard.ts'

const t = testIssuer()
const bearer = (token: string) => ({ rawHeaders: ['Authorization', `Bearer ${token}`] })

/** A schema that makes a value of its own from the claim `groups`. */
function making(
  make: (groups: readonly string[]) => unknown,
  later = false,
): StandardSchema<unknown> {
  const validate = (value: unknown) => {
    const { groups } = value as { groups: readonly string[] }
    return { value: make(groups) }
  }
  return {
    '~standard': {
      version: 1,
      vendor: 'test',
      validate: (value) => (later ? Promise.resolve(validate(value)) : validate(value)),
    },
  }
}

class Groups {
  #names: string[]
  constructor(names: readonly string[]) {
    this.#names = [...names]
  }
  add(name: string): void {
    this.#names.push(name)
  }
  has(name: string): boolean {
    return this.#names.includes(name)
  }
}

/** One kind of value. The schema makes it from the claim, one handler changes it, and the next one reads it. */
interface Kind {
  readonly make: (groups: readonly string[]) => unknown
  readonly change: (made: unknown) => void
  readonly isChanged: (made: unknown) => boolean
}

function kindOf<Made>(
  name: string,
  make: (groups: readonly string[]) => Made,
  change: (made: Made) => void,
  isChanged: (made: Made) => boolean,
): readonly [string, Kind] {
  const kind: Kind = {
    make,
    change: (made) => change(made as Made),
    isChanged: (made) => isChanged(made as Made),
  }
  return [name, kind]
}

const symbol = Symbol('groups')

const kinds: readonly (readonly [string, Kind])[] = [
  kindOf(
    'a set',
    (groups) => ({ groups: new Set(groups) }),
    (made) => made.groups.add('admin'),
    (made) => made.groups.has('admin'),
  ),
  kindOf(
    'a set that is the claims',
    (groups) => new Set(groups),
    (made) => made.add('admin'),
    (made) => made.has('admin'),
  ),
  kindOf(
    'a map in a list',
    (groups) => [new Map(groups.map((name) => [name, 1]))],
    ([made]) => made?.set('admin', 1),
    ([made]) => made?.has('admin') === true,
  ),
  kindOf(
    'a date',
    () => ({ at: new Date(0) }),
    (made) => made.at.setTime(1),
    (made) => made.at.getTime() === 1,
  ),
  kindOf(
    'a class with private members',
    (groups) => ({ groups: new Groups(groups) }),
    (made) => made.groups.add('admin'),
    (made) => made.groups.has('admin'),
  ),
  kindOf(
    'a frozen object around a set',
    (groups) => Object.freeze({ groups: new Set(groups) }),
    (made) => made.groups.add('admin'),
    (made) => made.groups.has('admin'),
  ),
  kindOf(
    'bytes',
    () => ({ bytes: new Uint8Array(1) }),
    (made) => made.bytes.fill(1),
    (made) => made.bytes[0] === 1,
  ),
  kindOf(
    'an address',
    () => ({ url: new URL('https://a.test/') }),
    (made) => {
      made.url.pathname = '/admin'
    },
    (made) => made.url.pathname === '/admin',
  ),
  kindOf(
    'a member under a symbol',
    (groups) => ({ [symbol]: new Set(groups) }),
    (made) => made[symbol].add('admin'),
    (made) => made[symbol].has('admin'),
  ),
  kindOf(
    'a hidden member',
    (groups) => Object.defineProperty({}, 'groups', { value: new Set(groups) }),
    (made) => (Reflect.get(made, 'groups') as Set<string>).add('admin'),
    (made) => (Reflect.get(made, 'groups') as Set<string>).has('admin'),
  ),
  kindOf(
    'functions',
    () => {
      let isAdmin = false
      return { promote: () => void (isAdmin = true), isAdmin: () => isAdmin }
    },
    (made) => made.promote(),
    (made) => made.isAdmin(),
  ),
  kindOf(
    'an accessor',
    () => {
      let isAdmin = false
      return {
        get admin() {
          return isAdmin
        },
        set admin(value: boolean) {
          isAdmin = value
        },
      }
    },
    (made) => {
      made.admin = true
    },
    (made) => made.admin,
  ),
]

describe.each([
  ['at once', false],
  ['later', true],
])('claims that cannot be frozen, made %s', (_name, later) => {
  it.each(kinds)('are made for each request: %s', async (_kind, { make, change, isChanged }) => {
    const guard = createGuard({ ...t.options, claims: making(make, later) })
    const request = bearer(t.token({ groups: ['user'] }))
    for (let asked = 0; asked < 4; asked += 1) {
      const { claims } = await guard.require(request)
      expect(isChanged(claims)).toBe(false)
      change(claims)
      expect(isChanged(claims)).toBe(true)
    }
  })
})

it('claims that can be frozen are made once for all requests of a token', async () => {
  let made = 0
  const claims = making((groups) => ({ groups: [...groups], made: (made += 1) }))
  const guard = createGuard({ ...t.options, claims })
  const request = bearer(t.token({ groups: ['user'] }))
  for (let asked = 0; asked < 4; asked += 1) await guard.require(request)
  expect(made).toBe(2)
})

it('a schema cannot change its input of the next request', async () => {
  const claims: StandardSchema<{ readonly groups: readonly string[]; readonly at: Date }> = {
    '~standard': {
      version: 1,
      vendor: 'test',
      validate: (value) => {
        const { groups } = value as { groups: string[] }
        groups.push('admin')
        return { value: { groups, at: new Date(0) } }
      },
    },
  }
  const guard = createGuard({ ...t.options, claims })
  const request = bearer(t.token({ groups: ['user'] }))
  for (let asked = 0; asked < 4; asked += 1)
    expect((await guard.require(request)).claims.groups).toEqual(['user', 'admin'])
})
