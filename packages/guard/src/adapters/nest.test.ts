import { describe, expect, it } from 'vitest'
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

/** What a request with these claims, or with none, meets at the method `list` of a controller. */
async function ask(
  controller: { readonly prototype: { readonly list: () => void } },
  claims?: object,
): Promise<number> {
  let status = 200
  const response = {
    writeHead: (given: number) => {
      status = given
      return { end: () => undefined }
    },
  }
  const token = claims === undefined ? undefined : issuer.token({ ...claims })
  const rawHeaders = token === undefined ? [] : ['authorization', `Bearer ${token}`]
  const context = {
    getType: () => 'http',
    getHandler: () => controller.prototype.list,
    getClass: () => controller,
    switchToHttp: () => ({ getRequest: () => ({ rawHeaders }), getResponse: () => response }),
  }
  const may = await guard.canActivate(context as unknown as NestContextLike)
  expect(may).toBe(status === 200)
  return status
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

  it('stand beside each other; none replaces another', async () => {
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

  it('that contradict each other are a fault as soon as they are written', () => {
    class Orders {
      list() {}
    }
    expect(() => mark(Orders, Require({ acr: 'a' }), Require({ acr: 'b' }))).toThrow('acr')
  })
})

describe('@Public() in Nest', () => {
  it('opens a controller, but no method that asks for something', async () => {
    class Shop {
      list() {}
    }
    Public()(Shop)
    expect(await ask(Shop)).toBe(200)
    mark(Shop, Require({ role: 'editor' }))
    expect(await ask(Shop)).toBe(401)
    expect(await ask(Shop, { roles: ['editor'] })).toBe(200)
  })

  it('opens a method of a controller that asks for something', async () => {
    class Shop {
      list() {}
    }
    Require({ role: 'editor' })(Shop)
    expect(await ask(Shop)).toBe(401)
    mark(Shop, Public())
    expect(await ask(Shop)).toBe(200)
  })

  it('loses where the same place asks for something', async () => {
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

  it('is not handed down', async () => {
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
