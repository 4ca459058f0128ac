// Fastify 5. Start: npm run example fastify
import { createGuard } from '@countersign/guard/fastify'
import fastify from 'fastify'

const { ISSUER = 'http://localhost:8000', PORT = '8001' } = process.env
const { AUDIENCE = `${ISSUER}/protected` } = process.env

const guard = createGuard({ issuer: ISSUER, audience: AUDIENCE })
const app = fastify()

app.get('/orders', { onRequest: guard.protect({ scope: 'read' }) }, async (request) => {
  return `the orders of ${guard.caller(request).subject}\n`
})

await app.listen({ port: Number(PORT), host: 'localhost' })
console.log('listening')
