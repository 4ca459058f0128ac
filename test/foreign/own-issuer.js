import { createHmac, generateKeyPairSync, sign } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'

// An issuer that signs anything: tokens with one fault each, which the service never makes.
const audience = 'https://own.example'

/** Starts the issuer. `rows` holds one token for each row, and its expected subject where it is good. */
export async function startOwnIssuer() {
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const publicJwk = { ...pair.publicKey.export({ format: 'jwk' }), kid: 'own', alg: 'ES256' }
  const server = createServer((_request, response) => {
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ keys: [{ ...publicJwk, use: 'sig' }] }))
  })
  server.listen(0, 'localhost')
  await once(server, 'listening')
  const issuer = `http://localhost:${server.address().port}`
  const now = Math.floor(Date.now() / 1000)
  const usual = { iss: issuer, aud: audience, sub: 'alice', client_id: 'web', jti: '1' }
  const good = { ...usual, scope: 'read write', iat: now, exp: now + 3600 }
  const token = (claims, head = {}, prove = proveWith(pair.privateKey)) => {
    const header = { alg: 'ES256', kid: 'own', typ: 'at+jwt', ...head }
    const text = `${encode(header)}.${encode({ ...good, ...claims })}`
    return `${text}.${prove(text).toString('base64url')}`
  }
  const pem = pair.publicKey.export({ format: 'pem', type: 'spki' })
  const hmac = (text) => createHmac('sha256', pem).update(text).digest()
  const tokens = {
    'with two scopes': token({}),
    'another type': token({}, { typ: 'JWT' }),
    expired: token({ iat: now - 900, exp: now - 30 }),
    'without an expiry': token({ exp: undefined }),
    'not yet valid': token({ nbf: now + 1800 }),
    'another issuer': token({ iss: 'https://other.example' }),
    'without an issuer': token({ iss: undefined }),
    'without an audience': token({ aud: undefined }),
    'without the scope': token({ scope: 'write readonly' }),
    'without any scope': token({ scope: undefined }),
    'an unknown key': token({}, { kid: 'other' }),
    'the algorithm none': token({}, { alg: 'none' }, () => Buffer.alloc(0)),
    'an HMAC with the public key': token({}, { alg: 'HS256' }, hmac),
  }
  const rows = Object.entries(tokens).map(([name, text]) => ({
    name,
    issuer,
    audience,
    token: text,
  }))
  return { rows, issuer, audience, pem, subject: good.sub, close: () => server.close() }
}

function encode(value) {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}

function proveWith(key) {
  return (text) => sign('sha256', Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' })
}
