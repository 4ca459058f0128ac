import { createGuard } from '@countersign/guard/fastify'
import fastify from 'fastify'
import { secretOf, type StartApp } from '../app.ts'

export const start: StartApp = async (policy) => {
  const guard = createGuard(policy)
  const app = fastify()
  app.all('/api/orders', { onRequest: guard.protect({ scope: 'read' }) }, async (request) =>
    secretOf(guard.caller(request).subject),
  )
  app.all('/api/admin', { preHandler: guard.protect({ scope: 'admin' }) }, async (request) =>
    secretOf(guard.caller(request).subject),
  )
  app.all('/api/extracted', async (request) => {
    const caller = await guard.require(request, { scope: 'read' })
    return secretOf(caller.subject)
  })
  app.get(
    '/api/optional',
    { onRequest: guard.optional() },
    async (request) => guard.callerIfAny(request)?.subject ?? 'nobody',
  )
  app.get('/api/forgotten', async (request) => guard.caller(request).subject)
  const origin = await app.listen({ host: '127.0.0.1', port: 0 })
  return { origin, close: () => app.close() }
}
