// The tutorial's contract on Hono with hono/jwt.
import { randomBytes } from 'node:crypto'
import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import { jwt, sign } from 'hono/jwt'
import type { JwtVariables } from 'hono/jwt'

// A CryptoKey spares hono/jwt the import of a key on each request.
const secret = await crypto.subtle.importKey(
  'raw',
  randomBytes(32),
  { name: 'HMAC', hash: 'SHA-256' },
  false,
  ['sign', 'verify'],
)
const app = new Hono<{ Variables: JwtVariables }>()

app.get('/', (c) => c.text('Hello, world!'))
app.post('/login', async (c) => {
  const exp = Math.floor(Date.now() / 1000) + 86_400
  const token = await sign({ username: 'foo', exp }, secret, 'HS256')
  return c.json({ access_token: token, token_type: 'Bearer' })
})
app.get('/protected', jwt({ secret, alg: 'HS256' }), (c) =>
  c.text(`Welcome to the protected area, ${c.get('jwtPayload').username}!`),
)
serve({ fetch: app.fetch, port: Number(process.env.PORT), hostname: '127.0.0.1' })
