import { randomUUID } from 'node:crypto'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { exportJwk, generateKey, publicKeyOf, signJws } from '@countersign/jwt'
import { api, basic, startService, type Service } from '../oauth/service.ts'
import type { Received } from './documented.ts'

const form = 'application/x-www-form-urlencoded'
export const grant = { grant_type: 'client_credentials' }
export const managed = 'https://managed.test'
export const encrypted = 'https://encrypted.test'
export const small = 'https://small.test'
const key = generateKey('ES256')

export let service: Service
export let shop: Record<string, string>
let secret: string
/** A token with the scope that the feed wants, one without it, one that is bound to a key, and a refresh token. */
export let token: string
export let narrow: string
export let bound: string
export let refresh: string

export type Fields = Readonly<Record<string, string>>
type Call = () => Promise<Received>

export async function send(path: string, init: RequestInit = {}): Promise<Received> {
  const reply = await fetch(service.issuer + path, { ...init, redirect: 'error' })
  if (reply.headers.get('content-type') === 'text/event-stream') {
    const chunk = await reply.body?.getReader().read()
    const first = new TextDecoder().decode(chunk?.value)
    return { status: reply.status, headers: reply.headers, text: first }
  }
  return { status: reply.status, headers: reply.headers, text: await reply.text() }
}

export const get =
  (path: string, headers: () => Record<string, string> = () => ({})): Call =>
  () =>
    send(path, { headers: headers() })
export const bearer = (given: () => string) => () => ({ authorization: `Bearer ${given()}` })
export const post =
  (
    path: string,
    fields: Fields | (() => Fields),
    headers: () => Record<string, string> = () => shop,
  ) =>
  (): Promise<Received> => {
    const body = new URLSearchParams(typeof fields === 'function' ? fields() : fields).toString()
    return send(path, { method: 'POST', headers: { 'content-type': form, ...headers() }, body })
  }
export const login =
  (more: Fields | (() => Fields), type = 'application/json'): Call =>
  () => {
    const fields = { client_id: 'shop', client_secret: secret }
    const body = JSON.stringify({ ...fields, ...(typeof more === 'function' ? more() : more) })
    return send('/login', { method: 'POST', headers: { 'content-type': type }, body })
  }
/** Repeats a request with a wrong secret until the service has counted enough of them. */
export const repeated = (one: Call, times = 11): Call => {
  return async () => {
    for (let at = 1; at < times; at += 1) await one()
    return one()
  }
}
export const wrong = (id: string) => () => basic(id, 'cs_wrong')
export const proof = (more: object = {}) => {
  const jwk = exportJwk(publicKeyOf(key))
  const htu = `${service.issuer}/oauth2/token`
  const all = { jti: randomUUID(), htm: 'POST', htu, iat: service.now(), ...more }
  return signJws(JSON.stringify(all), key, { typ: 'dpop+jwt', jwk })
}
/** Sends bytes that no client library would send. */
export const raw = (lines: readonly string[]): Call => {
  return async () => {
    const { port, host } = new URL(service.issuer)
    const socket = connect(Number(port), '127.0.0.1')
    const head = lines.map((line) => line.replace('{host}', host))
    socket.write(`${[...head, 'Connection: close'].join('\r\n')}\r\n\r\n`)
    const [top = '', body = ''] = (await text(socket)).split('\r\n\r\n', 2)
    const [first = '', ...rest] = top.split('\r\n')
    const headers = new Headers(
      rest.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)]),
    )
    return { status: Number(first.split(' ')[1]), headers, text: body }
  }
}

async function tokenOf(scope: string, headers: Record<string, string> = {}): Promise<string> {
  const { body } = await service.post('/oauth2/token', { ...grant, scope }, { ...shop, ...headers })
  return String(body['access_token'])
}

async function boundToken(): Promise<string> {
  const first = await service.post('/oauth2/token', grant, { ...shop, dpop: proof() })
  return tokenOf('read', { dpop: proof({ nonce: first.headers.get('dpop-nonce') }) })
}

/** Starts the service of these tests, with a closed feed, and makes its clients and tokens. */
export async function startReferenceService(): Promise<Service> {
  service = await startService({
    closedFeed: () => ({ audience: api, scope: 'read' }),
    loginClientId: 'app',
    sessionAudience: managed,
  })
  const access = [api, managed, encrypted, small].map((audience) => ({
    audience,
    scopes: ['read', 'write'],
  }))
  const unreachable = {
    source: 'jwks_uri',
    jwksUri: 'http://127.0.0.1:9/keys',
    alg: 'ECDH-ES+A256KW',
    enc: 'A256GCM',
  } as const
  const encryption = { source: 'managed', alg: 'ECDH-ES+A256KW', enc: 'A256GCM' } as const
  await service.addResource({ audience: managed, encryption, clientId: 'shop' })
  await service.addResource({ audience: encrypted, encryption: unreachable })
  await service.addResource({ audience: small, tokenBytesMax: 10 })
  secret = await service.addClient({ access })
  shop = basic('shop', secret)
  await service.addClient({ id: 'app', authentication: 'none', grantTypes: ['refresh_token'] })
  await service.addClient({ id: 'idle', grantTypes: [] })
  token = await tokenOf('read')
  narrow = await tokenOf('write')
  bound = await boundToken()
  refresh = await service.login('shop')
  return service
}

/** Adds a client for one row, because a row may change it or lock it out. */
export async function fresh(
  id: string,
  over: Parameters<Service['addClient']>[0] = {},
): Promise<Fields> {
  return { client_id: id, client_secret: await service.addClient({ id, ...over }) }
}

/** One request and its documented answer. `any` as the place is an answer of the edge. */
export interface Row {
  readonly at: string
  readonly status: number
  readonly error?: string
  readonly call: Call
}
