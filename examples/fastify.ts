// Fastify 5. ISSUER=https://issuer.example AUDIENCE=orders node fastify.ts
import { createGuard } from '@countersign/guard/fastify'
import fastify from 'fastify'

const { ISSUER = 'http://localhost:8000', AUDIENCE = 'orders', PORT = '3000' } = process.env

const guard = createGuard({ issuer: ISSUER, audience: AUDIENCE })
const app = fastify()

app.get('/orders', { onRequest: guard.protect({ scope: 'orders:read' }) }, async (request) => {
  return `the orders of ${guard.caller(request).subject}`
})

await app.listen({ port: Number(PORT) })
