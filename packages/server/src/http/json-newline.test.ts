import { expect, test } from 'vitest'
import { endJsonWithNewline } from './json-newline.ts'
import { replyJson, replyText } from './reply.ts'

const jwkSet = { 'content-type': 'application/jwk-set+json' }
const bytes = new TextEncoder().encode('{"keys":[]}')

test.each([
  { name: 'a token', path: '/login', reply: replyJson(200, { a: 1 }), body: '{"a":1}\n' },
  {
    name: 'bytes of JSON',
    path: '/.well-known/jwks.json',
    reply: { status: 200, headers: jwkSet, body: bytes },
    body: '{"keys":[]}\n',
  },
  {
    name: 'a refusal of the token endpoint',
    path: '/oauth2/token',
    reply: replyJson(400, { error: 'invalid_scope' }),
    body: '{"error":"invalid_scope"}\n',
  },
  {
    name: 'an unknown path',
    path: undefined,
    reply: replyJson(404, { error: 'not_found' }),
    body: '{"error":"not_found"}\n',
  },
  {
    name: 'a refusal that the original contract gives byte for byte',
    path: '/login',
    reply: replyJson(400, { error: 'Missing credentials' }),
    body: '{"error":"Missing credentials"}',
  },
  { name: 'plain text', path: '/', reply: replyText(200, 'Hello, world!'), body: 'Hello, world!' },
])('$name ends with $body', ({ path, reply, body }) => {
  expect(endJsonWithNewline(path, reply)).toEqual({
    status: reply.status,
    headers: reply.headers,
    body,
  })
})
