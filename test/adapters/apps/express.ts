import { createGuard } from '@countersign/guard/express'
import express from 'express'
import { secretOf, type StartApp } from '../app.ts'
import { serve } from './node.ts'

export const start: StartApp = async (policy) => {
  const guard = createGuard(policy)
  const api = express.Router()
  api.all('/orders', guard.protect({ scope: 'read' }), (request, response) => {
    response.send(secretOf(guard.caller(request).subject))
  })
  api.all('/admin', guard.protect({ scope: 'admin' }), (request, response) => {
    response.send(secretOf(guard.caller(request).subject))
  })
  api.all('/extracted', async (request, response) => {
    const caller = await guard.require(request, { scope: 'read' })
    response.send(secretOf(caller.subject))
  })
  api.get('/optional', guard.optional(), (request, response) => {
    response.send(guard.callerIfAny(request)?.subject ?? 'nobody')
  })
  api.get('/forgotten', (request, response) => {
    response.send(guard.caller(request).subject)
  })
  return serve(express().disable('x-powered-by').use('/api', api))
}
