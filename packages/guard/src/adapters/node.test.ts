import { createServer, type Server } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { generateKey, publicKeyOf, signJwt } from '@countersign/jwt'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { GuardRefused } from '../refusal.ts'
import { createGuard, sendAnswer } from './node.ts'

const key = generateKey('ES256')
const issuer = 'https://issuer.example'
const guard = createGuard({ issuer, audience: 'api', keys: publicKeyOf(key) })
const now = Math.floor(Date.now() / 1000)
const claims = {
  iss: issuer,
  aud: 'api',
  sub: 'alice',
  client_id: 'web',
  jti: 'one',
  iat: now,
  exp: now + 60,
  scope: 'read',
}
const token = signJwt(claims, key, { typ: 'at+jwt' })

const listener = guard.protect({ scope: 'read' }, (_request, response, caller) => {
  response.end(`hello ${caller.subject}`)
})
let server: Server
let address: string

beforeAll(async () => {
  server = createServer((request, response) => {
    if (request.url !== '/extracted') return void listener(request, response)
    guard.require(request).then(
      (caller) => response.end(`extracted ${caller.subject}`),
      (refused: unknown) => {
        if (refused instanceof GuardRefused) sendAnswer(response, refused)
        else response.destroy()
      },
    )
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => server.close())

describe('the node adapter', () => {
  it('hands the caller to a listener', async () => {
    const answer = await fetch(address, { headers: { authorization: `Bearer ${token}` } })
    expect([answer.status, await answer.text()]).toEqual([200, 'hello alice'])
  })

  it('gives the caller to a line of code', async () => {
    const headers = { authorization: `Bearer ${token}` }
    const answer = await fetch(`${address}/extracted`, { headers })
    expect([answer.status, await answer.text()]).toEqual([200, 'extracted alice'])
  })

  it.each(['/', '/extracted'])('answers a refusal itself on %s', async (path) => {
    const answer = await fetch(address + path)
    expect(answer.status).toBe(401)
    expect(answer.headers.get('www-authenticate')).toBe('Bearer')
  })
})
