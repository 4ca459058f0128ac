import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

/** A proxy in front of several nodes, as a load balancer. */
export interface Front {
  readonly close: () => Promise<void>
}

/** Listens on a port of the loopback and gives its connections to those of the nodes in turn, the first to the first. */
export async function startFront(port: number, nodes: readonly number[]): Promise<Front> {
  const open = new Set<Socket>()
  let turn = 0
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    const node = connect({
      host: '127.0.0.1',
      port: nodes[turn % nodes.length] ?? 0,
      allowHalfOpen: true,
      noDelay: true,
    })
    turn += 1
    join(client, node)
    join(node, client)
  })

  function join(from: Socket, to: Socket): void {
    open.add(from)
    from.pipe(to)
    // A node that refuses or breaks off is felt by the client as it would be without us.
    from.on('error', () => to.resetAndDestroy())
    from.on('close', () => open.delete(from))
  }

  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return {
    async close() {
      const closed = once(server, 'close')
      server.close()
      for (const socket of open) socket.destroy()
      await closed
    },
  }
}
