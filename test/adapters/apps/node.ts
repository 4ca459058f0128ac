import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { GuardRefused } from '@countersign/guard'
import { createGuard, sendAnswer } from '@countersign/guard/node'
import { secretOf, type App, type StartApp } from '../app.ts'

export const start: StartApp = async (policy) => {
  const guard = createGuard(policy)
  const extracted = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    try {
      const caller = await guard.require(request, { scope: 'read' })
      response.end(secretOf(caller.subject))
    } catch (error) {
      if (error instanceof GuardRefused) sendAnswer(response, error)
      else throw error
    }
  }
  const routes: Record<string, (request: IncomingMessage, response: ServerResponse) => unknown> = {
    '/api/orders': guard.protect({ scope: 'read' }, (_request, response, caller) => {
      response.end(secretOf(caller.subject))
    }),
    '/api/admin': guard.protect({ scope: 'admin' }, (_request, response, caller) => {
      response.end(secretOf(caller.subject))
    }),
    '/api/extracted': extracted,
  }
  return serve((request, response) => {
    const route = routes[(request.url ?? '').split('?')[0] ?? '']
    if (route !== undefined) return void route(request, response)
    response.writeHead(404).end()
  })
}

/** Serves any listener on a free port of this machine. */
export async function serve(
  listener: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<App> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const close = async (): Promise<void> => {
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
  }
  return { origin: `http://127.0.0.1:${port}`, close }
}
