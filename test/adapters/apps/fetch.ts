import { getRequestListener } from '@hono/node-server'
import { GuardRefused } from '@countersign/guard'
import { createGuard, toResponse } from '@countersign/guard/fetch'
import { secretOf, type StartApp } from '../app.ts'
import { serve } from './node.ts'

/** Plain fetch handlers, as Next, Bun, Deno and workers call them, behind the smallest bridge to a socket. */
export const start: StartApp = async (policy) => {
  const guard = createGuard(policy)
  const orders = guard.protect({ scope: 'read' }, (_request, caller) => {
    return new Response(secretOf(caller.subject))
  })
  const admin = guard.protect({ scope: 'admin' }, (_request, caller) => {
    return new Response(secretOf(caller.subject))
  })
  const extracted = async (request: Request): Promise<Response> => {
    try {
      const caller = await guard.require(request, { scope: 'read' })
      return new Response(secretOf(caller.subject))
    } catch (error) {
      if (error instanceof GuardRefused) return toResponse(error)
      throw error
    }
  }
  const listener = getRequestListener(async (request) => {
    const { pathname } = new URL(request.url)
    if (pathname === '/api/orders') return orders(request)
    if (pathname === '/api/admin') return admin(request)
    if (pathname === '/api/extracted') return extracted(request)
    return new Response(null, { status: 404 })
  })
  return serve((request, response) => void listener(request, response))
}
