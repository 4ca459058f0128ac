import { exportJwk, generateKey, publicKeyOf, signJwt, type Key } from '@countersign/jwt'
import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

/** An issuer on a socket of this machine. A test can kill it, restart it with other keys, slow it and break its answers. */
export interface IssuerStub {
  readonly issuer: string
  readonly requests: readonly string[]
  readonly token: (claims?: object) => string
  readonly kill: () => Promise<void>
  /** Listens again on the same port. Default: with a new key set. */
  readonly restart: (options?: { readonly sameKeys: boolean }) => Promise<void>
  readonly rotate: () => void
  /** Answers like this instead, until `undefined`. */
  readonly answer: (listener: RequestListener | undefined) => void
}

export async function startIssuer(path = ''): Promise<IssuerStub> {
  let key: Key = generateKey('ES256')
  let server: Server | undefined
  let port = 0
  let instead: RequestListener | undefined
  const requests: string[] = []
  const issuer = () => `http://127.0.0.1:${port}${path}`

  const listener: RequestListener = (request, response) => {
    requests.push(request.url ?? '')
    if (instead !== undefined) return instead(request, response)
    response.setHeader('content-type', 'application/json')
    const jwks = `${path}/jwks`
    if (request.url === `/.well-known/oauth-authorization-server${path}`)
      return void response.end(JSON.stringify({ issuer: issuer(), jwks_uri: `${issuer()}/jwks` }))
    if (request.url === jwks)
      return void response.end(JSON.stringify({ keys: [exportJwk(publicKeyOf(key))] }))
    response.writeHead(404).end()
  }

  async function start(): Promise<void> {
    server = createServer(listener).listen(port, '127.0.0.1')
    await once(server, 'listening')
    port = (server.address() as AddressInfo).port
  }

  await start()
  return {
    issuer: issuer(),
    requests,
    token: (claims = {}) => {
      const now = Math.floor(Date.now() / 1000)
      const usual = { iss: issuer(), aud: 'api', sub: 'alice', client_id: 'web', jti: 'j' }
      return signJwt({ ...usual, iat: now, exp: now + 600, ...claims }, key, { typ: 'at+jwt' })
    },
    kill: async () => {
      server?.closeAllConnections()
      server?.close()
      if (server !== undefined) await once(server, 'close')
    },
    restart: async (options) => {
      if (options?.sameKeys !== true) key = generateKey('ES256')
      await start()
    },
    rotate: () => {
      key = generateKey('ES256')
    },
    answer: (given) => {
      instead = given
    },
  }
}
