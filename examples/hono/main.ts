// Hono. Start: npm run example hono
import { serve } from '@hono/node-server'
import { createGuard } from '@countersign/guard/hono'
import { Hono } from 'hono'

const { ISSUER = 'http://localhost:8000', PORT = '8001' } = process.env
const { AUDIENCE = `${ISSUER}/protected` } = process.env

const guard = createGuard({ issuer: ISSUER, audience: AUDIENCE })
const app = new Hono()

app.get('/orders', guard.protect({ scope: 'read' }), (c) =>
  c.text(`the orders of ${c.var.caller.subject}\n`),
)

const listening = { port: Number(PORT), hostname: 'localhost' }
serve({ fetch: app.fetch, ...listening }, () => console.log('listening'))
