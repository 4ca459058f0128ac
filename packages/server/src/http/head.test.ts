import { describe, expect, it } from 'vitest'
import { createJoinedHeadReader, readHead } from './head.ts'
import { edgeLimits } from './limits.ts'

const anyHost = { limits: edgeLimits, hosts: undefined }
const loopback = { limits: edgeLimits, hosts: new Set(['localhost:8000']) }
const here = ['Host', 'localhost:8000']

const rows = [
  { name: 'a path', target: '/login', headers: here, gives: { path: '/login', query: '' } },
  { name: 'a query', target: '/a?b=c?d', headers: here, gives: { path: '/a', query: 'b=c?d' } },
  {
    name: 'the absolute form',
    target: 'http://localhost:8000/a',
    headers: here,
    gives: { path: '/a' },
  },
  {
    name: 'an absolute form without a path',
    target: 'http://localhost:8000',
    headers: here,
    gives: { path: '/' },
  },
  {
    name: 'an absolute form whose query looks like a path',
    target: 'http://localhost:8000?x=/metrics',
    headers: here,
    gives: 400,
  },
  {
    name: 'an absolute form for elsewhere',
    target: 'http://evil.example/a',
    headers: here,
    gives: 421,
  },
  { name: 'the asterisk', target: '*', headers: here, gives: 400 },
  { name: 'an authority alone', target: 'localhost:8000', headers: here, gives: 400 },
  { name: 'two hosts', target: '/', headers: [...here, 'host', 'localhost:8000'], gives: 400 },
  { name: 'a foreign host', target: '/', headers: ['host', 'rebound.example:8000'], gives: 421 },
  {
    name: 'a host in capitals',
    target: '/',
    headers: ['HOST', 'LocalHost:8000'],
    gives: { path: '/' },
  },
  { name: 'no host', target: '/', headers: [], gives: 421 },
  {
    name: 'an encoded body',
    target: '/',
    headers: [...here, 'Content-Encoding', 'gzip'],
    gives: 415,
  },
  {
    name: 'a body encoded in transfer',
    target: '/',
    headers: [...here, 'Transfer-Encoding', 'gzip, chunked'],
    gives: 415,
  },
  { name: 'a long target', target: `/${'a'.repeat(4096)}`, headers: here, gives: 414 },
  {
    name: 'many headers',
    target: '/',
    headers: Array.from({ length: 202 }, () => 'x'),
    gives: 431,
  },
  {
    name: 'a body by length',
    target: '/',
    headers: [...here, 'Content-Length', '5'],
    gives: { hasBody: true, contentLength: 5 },
  },
  {
    name: 'a body in chunks',
    target: '/',
    headers: [...here, 'Transfer-Encoding', 'chunked'],
    gives: { hasBody: true },
  },
] as const

describe('the head of a request', () => {
  for (const { name, target, headers, gives } of rows) {
    it(`${name}: ${typeof gives === 'number' ? gives : 'taken'}`, () => {
      const head = readHead(target, headers, loopback)
      expect({ head }).toMatchObject({ head: gives })
    })
  }
  it('answers for any host where none is named', () => {
    expect(readHead('/', ['Host', 'anything.example'], anyHost)).toMatchObject({ path: '/' })
  })
})

const joined = [
  { name: 'a good host', headers: { host: 'LOCALHOST:8000' }, gives: { hasBody: false } },
  { name: 'two hosts', headers: { host: 'localhost:8000, localhost:8000' }, gives: 400 },
  { name: 'a foreign host', headers: { host: 'rebound.example' }, gives: 421 },
  { name: 'no host', headers: {}, gives: 421 },
  { name: 'an encoded body', headers: { 'content-encoding': 'gzip' }, gives: 415 },
  { name: 'a body twice encoded', headers: { 'content-encoding': 'identity, gzip' }, gives: 415 },
  {
    name: 'a body by length',
    headers: { 'content-length': '5' },
    gives: { hasBody: true, contentLength: 5 },
  },
  { name: 'a length of nothing', headers: { 'content-length': '0' }, gives: { hasBody: false } },
  { name: 'one length twice', headers: { 'content-length': '5, 5' }, gives: 400 },
  {
    name: 'a body in chunks',
    headers: { 'transfer-encoding': 'chunked' },
    gives: { hasBody: true, contentLength: 0 },
  },
  {
    name: 'many headers',
    headers: Object.fromEntries(Array.from({ length: 101 }, (_, at) => [`x-${at}`, 'y'])),
    gives: 431,
  },
] as const

describe('the head of a request whose headers come joined', () => {
  const fields = (sent: Readonly<Record<string, string>>) => {
    const all = new Headers(sent)
    return { count: [...all].length, get: (name: string) => all.get(name) }
  }
  for (const { name, headers, gives } of joined) {
    it(`${name}: ${typeof gives === 'number' ? gives : 'taken'}`, () => {
      const readJoinedHead = createJoinedHeadReader(loopback)
      const isAboutHost = 'host' in headers || name === 'no host'
      const sent = isAboutHost ? headers : { host: 'localhost:8000', ...headers }
      expect({ head: readJoinedHead(fields(sent)) }).toMatchObject({ head: gives })
    })
  }

  it('judges each host, also right after a good one', () => {
    const readJoinedHead = createJoinedHeadReader(loopback)
    const hosts = ['localhost:8000', 'localhost:8000', 'evil.example', 'localhost:8000']
    const heads = hosts.map((host) => readJoinedHead(fields({ host })))
    expect(heads.map((head) => typeof head === 'number')).toEqual([false, false, true, false])
  })
})
