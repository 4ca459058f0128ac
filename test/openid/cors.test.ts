import { afterAll, beforeAll, expect, it } from 'vitest'
import { context } from '../store/records.ts'
import { openWorld, type World } from './world.ts'

const spa = 'https://spa.example'

let world: World
beforeAll(async () => {
  world = await openWorld()
  await world.addApp({
    id: 'spa',
    signIn: { redirectUris: [`${spa}/callback`] },
    record: { authentication: 'none', secrets: [] },
  })
})
afterAll(() => world.close())

async function ask(method: string, path: string, origin: string) {
  const reply = await fetch(world.node.origin + path, { method, headers: { origin } })
  const header = (name: string) => reply.headers.get(name)
  return {
    allows: header('access-control-allow-origin'),
    credentials: header('access-control-allow-credentials'),
    methods: header('access-control-allow-methods'),
    exposes: header('access-control-expose-headers'),
    vary: header('vary'),
  }
}

it.each([
  ['/oauth2/token', 'POST'],
  ['/oauth2/revoke', 'POST'],
  ['/oauth2/userinfo', 'GET, POST'],
])('a page that is a public client calls %s', async (path, methods) => {
  const exposes = 'WWW-Authenticate, DPoP-Nonce, Retry-After'
  const allowed = { allows: spa, credentials: null, exposes, vary: 'Origin' }
  expect(await ask('OPTIONS', path, spa)).toEqual({ ...allowed, methods })
  expect(await ask('POST', path, spa)).toEqual({ ...allowed, methods: null })
})

it.each([
  ['a stranger', 'https://evil.example', '/oauth2/token'],
  ['an app with a secret', 'https://desk.example', '/oauth2/token'],
  ['a page at another port', `${spa}:444`, '/oauth2/userinfo'],
])('%s reads nothing', async (_, origin, path) => {
  for (const method of ['OPTIONS', 'POST'])
    expect(await ask(method, path, origin)).toMatchObject({ allows: null, vary: 'Origin' })
})

it.each(['/oauth2/authorize', '/sign-in', '/oauth2/introspect', '/account/apps'])(
  'nobody reads %s',
  async (path) => {
    expect((await ask('GET', path, spa)).allows).toBeNull()
    expect((await ask('OPTIONS', path, spa)).allows).toBeNull()
  },
)

it('a page whose client is disabled loses its access', async () => {
  await world.place.store.clients.disable('spa', context)
  await expect
    .poll(async () => (await ask('OPTIONS', '/oauth2/token', spa)).allows, { timeout: 5_000 })
    .toBeNull()
})
