import { describe, expect, it } from 'vitest'
import { GuardRefused } from '../refusal.ts'
import { testIssuer } from '../testing/index.ts'
import { createGuard, Public, Require, type NestContextLike } from './nest.ts'

const issuer = testIssuer()
const guard = createGuard(issuer.options)

/** Decorates a method as the compiler does: the lowest mark first. */
function mark(controller: { readonly prototype: object }, ...marks: readonly Mark[]): void {
  const method = Object.getOwnPropertyDescriptor(controller.prototype, 'list')
  for (const each of marks.toReversed()) each(controller.prototype, 'list', method)
}

type Mark = ReturnType<typeof Require>

function functionAt(controller: { readonly prototype: object }, name: string): () => void {
  return Reflect.get(controller.prototype, name) as () => void
}

/** Asks the method `list` of a controller with these claims, or without a token. Returns the outcome. */
async function ask(
  controller: { readonly prototype: { readonly list: () => void } },
  claims?: object,
  handler: () => void = controller.prototype.list,
): Promise<number> {
  const response = { header: () => undefined }
  const token = claims === undefined ? undefined : issuer.token({ ...claims })
  const rawHeaders = token === undefined ? [] : ['authorization', `Bearer ${token}`]
  const context = {
    getType: () => 'http',
    getHandler: () => handler,
    getClass: () => controller,
    switchToHttp: () => ({ getRequest: () => ({ rawHeaders }), getResponse: () => response }),
  }
  try {
    expect(await guard.canActivate(context as unknown as NestContextLike)).toBe(true)
    return 200
  } catch (refused) {
    if (refused instanceof GuardRefused) return refused.status
    throw refused
  }
}

describe('marks in Nest', () => {
  it('of a controller hold for the controllers that extend it', async () => {
    class Staff {
      list() {}
    }
    class Wages extends Staff {}
    class Bonuses extends Wages {
      override list() {}
    }
    Require({ role: 'staff' })(Staff)
    Require({ scope: 'pay' })(Wages)
    for (const controller of [Wages, Bonuses]) {
      expect(await ask(controller, { scope: 'pay' })).toBe(403)
      expect(await ask(controller, { roles: ['staff'] })).toBe(403)
      expect(await ask(controller, { roles: ['staff'], scope: 'pay' })).toBe(200)
    }
    expect(await ask(Staff, { roles: ['staff'] })).toBe(200)
  })

  it('hold together; none replaces another', async () => {
    class Orders {
      list() {}
    }
    mark(Orders, Require({ scope: 'read' }), Require({ role: 'editor' }))
    expect(await ask(Orders, { scope: 'read' })).toBe(403)
    expect(await ask(Orders, { roles: ['editor'] })).toBe(403)
    expect(await ask(Orders, { scope: 'read', roles: ['editor'] })).toBe(200)
  })

  it('that ask for a role each ask for both', async () => {
    class Orders {
      list() {}
    }
    Require({ role: ['staff', 'guest'] })(Orders)
    mark(Orders, Require({ role: 'editor' }))
    expect(await ask(Orders, { roles: ['editor'] })).toBe(403)
    expect(await ask(Orders, { roles: ['staff'] })).toBe(403)
    expect(await ask(Orders, { roles: ['editor', 'guest'] })).toBe(200)
  })

  it('that contradict each other throw at the definition', () => {
    class Orders {
      list() {}
    }
    expect(() => mark(Orders, Require({ acr: 'a' }), Require({ acr: 'b' }))).toThrow('acr')
  })
})

describe('marks of a method in Nest', () => {
  const admin = { roles: ['admin'] }

  /** Replaces the method with a wrapper, as decorators for tracing, caching and transactions do. */
  const wrap: Mark = (target, name, member) => {
    const inner = member?.value as (this: unknown) => unknown
    const wrapper = function (this: unknown) {
      return inner.call(this)
    }
    Object.defineProperty(target, name ?? '', { ...member, value: wrapper })
    if (member !== undefined) member.value = wrapper
  }

  it('survive a decorator that wraps the method', async () => {
    class Orders {
      list() {}
    }
    const before = functionAt(Orders, 'list')
    mark(Orders, wrap, Require({ role: 'admin' }))
    expect(functionAt(Orders, 'list')).not.toBe(before)
    expect(await ask(Orders, {})).toBe(403)
    expect(await ask(Orders, admin)).toBe(200)
  })

  it('survive several wrappers, also between them', async () => {
    class Orders {
      list() {}
    }
    mark(Orders, wrap, Require({ scope: 'read' }), wrap, Require({ role: 'admin' }))
    expect(await ask(Orders, admin)).toBe(403)
    expect(await ask(Orders, { scope: 'read' })).toBe(403)
    expect(await ask(Orders, { ...admin, scope: 'read' })).toBe(200)
  })

  it('that open it survive a wrapper too', async () => {
    class Orders {
      list() {}
    }
    mark(Orders, wrap, Public())
    expect(await ask(Orders)).toBe(200)
  })

  it('hold for a method that overrides the marked one', async () => {
    class Orders {
      list() {}
    }
    class Special extends Orders {
      override list() {}
    }
    class Deeper extends Special {
      override list() {}
    }
    mark(Orders, Require({ role: 'admin' }))
    for (const controller of [Special, Deeper]) {
      expect(await ask(controller, {})).toBe(403)
      expect(await ask(controller, admin)).toBe(200)
    }
  })

  it('of the overriding and of the overridden method hold together', async () => {
    class Orders {
      list() {}
    }
    class Special extends Orders {
      override list() {}
    }
    mark(Orders, Require({ role: 'admin' }))
    mark(Special, Require({ scope: 'read' }))
    expect(await ask(Special, admin)).toBe(403)
    expect(await ask(Special, { ...admin, scope: 'read' })).toBe(200)
    expect(await ask(Orders, admin)).toBe(200)
  })

  it('of an overridden method keep a public controller from opening it', async () => {
    class Orders {
      list() {}
    }
    class Open extends Orders {
      override list() {}
    }
    mark(Orders, Require({ role: 'admin' }))
    Public()(Open)
    expect(await ask(Open)).toBe(401)
    mark(Open, Public())
    expect(await ask(Open)).toBe(200)
  })

  it('that open a method do not open the one that overrides it', async () => {
    class Orders {
      list() {}
    }
    class Special extends Orders {
      override list() {}
    }
    mark(Orders, Public())
    expect(await ask(Special)).toBe(401)
  })

  it('hold for a function that was bound to one instance', async () => {
    class Orders {
      list() {}
    }
    mark(Orders, Require({ role: 'admin' }))
    const bound = Orders.prototype.list.bind(new Orders())
    expect(await ask(Orders, {}, bound)).toBe(403)
    expect(await ask(Orders, admin, bound)).toBe(200)
  })

  it('are never left out: a handler without a known name throws', async () => {
    class Orders {
      list() {}
    }
    mark(Orders, Require({ role: 'admin' }))
    await expect(ask(Orders, admin, () => undefined)).rejects.toThrow('cannot be matched')
  })

  it('hold under each name of one function', async () => {
    class Orders {
      list() {}
      all() {}
    }
    Object.defineProperty(Orders.prototype, 'all', { value: functionAt(Orders, 'list') })
    mark(Orders, Require({ role: 'admin' }))
    expect(await ask(Orders, {}, functionAt(Orders, 'all'))).toBe(403)
  })

  it('need the decorators of TypeScript', () => {
    const standard = Require({ role: 'admin' }) as unknown as (value: object, at: object) => void
    expect(() => standard(() => undefined, { kind: 'method' })).toThrow('experimentalDecorators')
  })
})

describe('marks of a class in Nest', () => {
  it('hold when a decorator replaces the class with a proxy', async () => {
    class Orders {
      list() {}
    }
    Require({ role: 'admin' })(Orders)
    const proxied = new Proxy(Orders, {})
    expect(await ask(proxied, {})).toBe(403)
    expect(await ask(proxied, { roles: ['admin'] })).toBe(200)
  })
})

describe('@Public() in Nest', () => {
  it('opens a controller, except methods with a requirement', async () => {
    class Shop {
      list() {}
    }
    Public()(Shop)
    expect(await ask(Shop)).toBe(200)
    mark(Shop, Require({ role: 'editor' }))
    expect(await ask(Shop)).toBe(401)
    expect(await ask(Shop, { roles: ['editor'] })).toBe(200)
  })

  it('opens a method of a controller with a requirement', async () => {
    class Shop {
      list() {}
    }
    Require({ role: 'editor' })(Shop)
    expect(await ask(Shop)).toBe(401)
    mark(Shop, Public())
    expect(await ask(Shop)).toBe(200)
  })

  it('is ignored in a place that also has a requirement', async () => {
    class Shop {
      list() {}
    }
    mark(Shop, Public(), Require({ role: 'editor' }))
    expect(await ask(Shop)).toBe(401)
    class Depot {
      list() {}
    }
    Require({ role: 'editor' })(Depot)
    Public()(Depot)
    expect(await ask(Depot)).toBe(401)
  })

  it('is not inherited', async () => {
    class Shop {
      list() {}
    }
    class Depot extends Shop {
      override list() {}
    }
    Public()(Shop)
    expect(await ask(Depot)).toBe(401)
  })
})
