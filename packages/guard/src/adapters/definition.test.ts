import { describe, expect, it } from 'vitest'
import { testIssuer } from '../testing/index.ts'
import { createGuard as express } from './express.ts'
import { createGuard as fastify } from './fastify.ts'
import { createGuard as fetch } from './fetch.ts'
import { createGuard as hono } from './hono.ts'
import { createGuard as koa } from './koa.ts'
import { Require } from './nest.ts'
import { createGuard as node } from './node.ts'

const { options } = testIssuer()

type Define = (...given: readonly unknown[]) => unknown
const middlewares: Readonly<
  Record<string, { readonly protect: unknown; readonly optional: unknown }>
> = {
  express: express(options),
  fastify: fastify(options),
  hono: hono(options),
  koa: koa(options),
}
const listeners: Readonly<Record<string, { readonly protect: unknown }>> = {
  fetch: fetch(options),
  node: node(options),
}

/** Values that a program without a compiler might pass as a requirement. */
const mistakes: readonly (readonly [string, unknown])[] = [
  ['undefined', undefined],
  ['a member that is undefined', { role: undefined }],
  ['a rule', () => true],
  ['a list', []],
  ['a number', 42],
  ['a map', new Map()],
]

describe.each(mistakes)('a route that requires %s', (_name, requirement) => {
  it.each(Object.entries(middlewares))(
    'is refused by %s when it is defined',
    (_framework, guard) => {
      expect(() => (guard.protect as Define)(requirement)).toThrow(TypeError)
    },
  )

  it.each(Object.entries(listeners))('is refused by %s when it is defined', (_framework, guard) => {
    expect(() => (guard.protect as Define)(requirement, () => undefined)).toThrow(TypeError)
  })

  it('is refused by the decorator of Nest', () => {
    expect(() => Require(requirement as object)).toThrow(TypeError)
  })
})

it.each(Object.entries(listeners))('%s refuses a route without a handler', (_framework, guard) => {
  expect(() => (guard.protect as Define)({ scope: 'read' })).toThrow('handler')
})

it.each(Object.entries(middlewares))(
  '%s refuses a requirement of an optional route',
  (_n, guard) => {
    expect(() => (guard.optional as Define)({ role: 'admin' })).toThrow('optional')
  },
)

it.each<[string, (...given: never[]) => unknown]>([
  ['express', express],
  ['fastify', fastify],
  ['hono', hono],
  ['koa', koa],
  ['fetch', fetch],
  ['node', node],
])('a guard of %s without options is refused with an example', (_framework, create) => {
  expect(() => (create as Define)()).toThrow('a guard takes options, such as { issuer, audience }')
})
