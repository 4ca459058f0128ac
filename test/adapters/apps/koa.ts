import { createGuard } from '@countersign/guard/koa'
import Koa from 'koa'
import { secretOf, type StartApp } from '../app.ts'
import { serve } from './node.ts'

export const start: StartApp = async (policy) => {
  const guard = createGuard(policy)
  const app = new Koa()
  app.silent = true
  const at = (path: string, middleware: Koa.Middleware): Koa.Middleware => {
    return (context, next) => (context.path === path ? middleware(context, next) : next())
  }
  const answer: Koa.Middleware = (context) => {
    context.body = secretOf(guard.caller(context).subject)
  }
  app.use(at('/api/orders', guard.protect({ scope: 'read' })))
  app.use(at('/api/orders', answer))
  app.use(at('/api/admin', guard.protect({ scope: 'admin' })))
  app.use(at('/api/admin', answer))
  app.use(
    at('/api/extracted', async (context) => {
      const caller = await guard.require(context, { scope: 'read' })
      context.body = secretOf(caller.subject)
    }),
  )
  app.use(at('/api/optional', guard.optional()))
  app.use(
    at('/api/optional', (context) => {
      context.body = guard.callerIfAny(context)?.subject ?? 'nobody'
    }),
  )
  app.use(at('/api/forgotten', answer))
  const listener = app.callback()
  return serve((request, response) => void listener(request, response))
}
