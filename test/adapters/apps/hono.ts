import { serve } from '@hono/node-server'
import { createGuard } from '@countersign/guard/hono'
import { Hono } from 'hono'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import type { Server } from 'node:http'
import { secretOf, type StartApp } from '../app.ts'

export const start: StartApp = async (policy) => {
  const guard = createGuard(policy)
  const app = new Hono()
    .all('/api/orders', guard.protect({ scope: 'read' }), (c) =>
      c.text(secretOf(c.var.caller.subject)),
    )
    .all('/api/admin', guard.protect({ scope: 'admin' }), (c) =>
      c.text(secretOf(c.var.caller.subject)),
    )
    .all('/api/extracted', async (c) => {
      const caller = await guard.require(c, { scope: 'read' })
      return c.text(secretOf(caller.subject))
    })
    .get('/api/optional', guard.optional(), (c) => c.text(c.var.caller?.subject ?? 'nobody'))
  const server = serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 }) as Server
  if (!server.listening) await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const close = async (): Promise<void> => {
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
  }
  return { origin: `http://127.0.0.1:${port}`, close }
}
