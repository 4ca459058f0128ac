import { exportJwk, generateKey, publicKeyOf, signJwt } from '@countersign/jwt'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A small issuer on the loopback: metadata, one key, and tokens for one API. */
export interface SampleIssuer {
  readonly issuer: string
  readonly audience: string
  /** Signs a token of alice. `claims` are added, or removed where they are `undefined`. */
  readonly token: (claims?: Readonly<Record<string, unknown>>, typ?: string) => string
  readonly close: () => void
}

/** Starts the issuer on a free port. */
export async function startSampleIssuer(): Promise<SampleIssuer> {
  const key = generateKey('ES256')
  const server = createServer((request, response) => {
    response.setHeader('content-type', 'application/json')
    if (request.url === '/.well-known/oauth-authorization-server')
      return response.end(JSON.stringify({ issuer, jwks_uri: jwksUri }))
    if (request.url === '/.well-known/jwks.json')
      return response.end(JSON.stringify({ keys: [exportJwk(publicKeyOf(key))] }))
    return response.writeHead(404).end()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const jwksUri = `${issuer}/.well-known/jwks.json`
  const audience = `${issuer}/protected`
  const token: SampleIssuer['token'] = (claims = {}, typ = 'at+jwt') => {
    const now = Math.floor(Date.now() / 1000)
    const usual = { iss: issuer, aud: audience, sub: 'alice', client_id: 'web', jti: '1' }
    const all = { ...usual, scope: 'read', iat: now, exp: now + 60, ...claims }
    return signJwt(all, key, { typ })
  }
  return { issuer, audience, token, close: () => server.close() }
}
