import pg from 'pg'
import type { Row, Topic } from '../port/verb.ts'
import { clientOptionsOf } from './client-options.ts'
import { endMs, type Connections } from './connections.ts'
import { channel } from './notify.ts'

/** How often the sequences are read, whether or not a notification came. Units: milliseconds. */
const pollMs = 200
/** The pause after the listening connection broke, before the next one. Units: milliseconds. */
const listenAgainMs = 1000

/** How often another server is searched for, where the address names several. Units: milliseconds. */
const seekMs = 1000

const headsSql = 'select epoch, revocations, changes from log_head where one = 1'

/**
 * Reports the commits of other nodes: at once by notification where `listenUrl` leads to Postgres itself, and within one
 * poll by reading the sequences. A lost notification only delays a report until the next poll.
 */
export async function followHeads(
  connections: Connections,
  listenUrl: string,
  onTopic: (topic: Topic) => void,
): Promise<{ close(): Promise<void> }> {
  const poll = await pollHeads(connections, onTopic)
  const seek = setInterval(() => {
    // No server takes writes now. The next verb reports it, and the next search may find one.
    connections.seek().catch(() => {})
  }, seekMs).unref()
  const listening = listenUrl === 'poll' ? undefined : listen(listenUrl, connections, onTopic)
  return {
    async close() {
      clearInterval(poll)
      clearInterval(seek)
      await listening?.close()
    },
  }
}

async function pollHeads(
  { transactions }: Connections,
  onTopic: (topic: Topic) => void,
): Promise<NodeJS.Timeout> {
  const readHeads = async (): Promise<Row> => (await transactions.query(headsSql))[0] ?? {}
  let heads = await readHeads()
  let isPolling = false
  async function poll(): Promise<void> {
    const now = await readHeads()
    const before = heads
    heads = now
    if (now['changes'] !== before['changes']) onTopic('changes')
    if (now['revocations'] !== before['revocations'] || now['epoch'] !== before['epoch']) {
      onTopic('revocations')
    }
  }
  const timer = setInterval(() => {
    if (isPolling) return
    isPolling = true
    // If the database does not answer now, the next poll asks again.
    poll().then(
      () => (isPolling = false),
      () => (isPolling = false),
    )
  }, pollMs)
  return timer.unref()
}

function listen(
  address: string,
  { onRetire }: Connections,
  onTopic: (topic: Topic) => void,
): { close(): Promise<void> } {
  const options = clientOptionsOf(address)
  let tried = 0
  let client: pg.Client | undefined
  let again: NodeJS.Timeout | undefined
  let closed = false

  function retry(): void {
    if (closed || again !== undefined) return
    client = undefined
    again = setTimeout(() => {
      again = undefined
      connect()
    }, listenAgainMs).unref()
  }

  function connect(): void {
    // A standby refuses to listen; then the next server is tried.
    const host = options.hosts[tried % options.hosts.length] ?? options.hosts[0]
    tried += 1
    const made = new pg.Client({
      ...options.to(host),
      connectionTimeoutMillis: 5000,
      application_name: 'countersign listen',
    })
    client = made
    const lost = () => {
      if (client === made) retry()
      made.end().catch(() => {})
    }
    made.on('error', lost)
    made.on('end', retry)
    made.on('notification', ({ payload }) => {
      if (payload === 'changes' || payload === 'revocations') onTopic(payload)
    })
    made
      .connect()
      .then(() => made.query(`listen ${channel}`))
      .catch(lost)
  }

  connect()
  if (options.hosts.length > 1)
    onRetire((which) => {
      // The server of this connection may still run but no longer be notified.
      if (which === 'all') client?.connection.stream.destroy()
    })
  return {
    async close() {
      closed = true
      clearTimeout(again)
      if (client === undefined) return
      const { stream } = client.connection
      const cut = setTimeout(() => stream.destroy(), endMs)
      await client.end()
      clearTimeout(cut)
    },
  }
}
