// Hono. ISSUER=https://issuer.example AUDIENCE=orders node hono.ts
import { serve } from '@hono/node-server'
import { createGuard } from '@countersign/guard/hono'
import { Hono } from 'hono'

const { ISSUER = 'http://localhost:8000', AUDIENCE = 'orders', PORT = '3000' } = process.env

const guard = createGuard({ issuer: ISSUER, audience: AUDIENCE })
const app = new Hono()

app.get('/orders', guard.protect({ scope: 'orders:read' }), (c) =>
  c.text(`the orders of ${c.var.caller.subject}`),
)

serve({ fetch: app.fetch, port: Number(PORT) })
