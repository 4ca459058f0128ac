import { once } from 'node:events'
import { createServer, request as ask, type IncomingMessage, type ServerResponse } from 'node:http'

/** One address for an application and the nodes of a service, as a proxy in production makes it. */
export interface Front {
  readonly close: () => Promise<void>
}

type Handler = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>

/** Listens on a port. Paths of the application go to its handler, all others to the nodes, one after the other. */
export async function startFront(
  port: number,
  nodes: readonly string[],
  app: Readonly<Record<string, Handler>>,
): Promise<Front> {
  let turn = 0
  function forward(request: IncomingMessage, response: ServerResponse): void {
    const node = nodes[turn % nodes.length] ?? ''
    turn += 1
    const { method, headers, url = '/' } = request
    const onward = ask(new URL(url, node), { method, headers, agent: false })
    onward.on('response', (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(response)
      answer.on('error', () => response.destroy())
    })
    onward.on('error', () =>
      response.headersSent ? response.destroy() : response.writeHead(502).end(),
    )
    response.on('close', () => onward.destroy())
    request.pipe(onward)
  }
  const server = createServer((request, response) => {
    const [path = ''] = (request.url ?? '').split('?')
    const handle = app[path] ?? forward
    void handle(request, response)
  })
  await once(server.listen(port, '127.0.0.1'), 'listening')
  return {
    async close() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}
