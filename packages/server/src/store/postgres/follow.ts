import pg from 'pg'
import type { Row, Topic } from '../port/verb.ts'
import { clientOptionsOf } from './client-options.ts'
import { goodbyeMs, type Connections } from './connections.ts'
import { channel } from './notify.ts'

/** How often the sequences are looked at, whether or not a notification came. Units: milliseconds. */
const pollMs = 200
/** How long to wait before listening again after the connection broke. Units: milliseconds. */
const listenAgainMs = 1000

/** How often another server is looked for, where the address names several. Units: milliseconds. */
const seekMs = 1000

const headsSql = 'select epoch, revocations, changes from log_head where one = 1'

/**
 * Hears of other nodes' commits: at once by notification where `listenUrl` leads to Postgres itself, and for certain by
 * looking at the sequences. A lost notification or connection costs one look, never a commit.
 */
export async function followHeads(
  connections: Connections,
  listenUrl: string,
  onTopic: (topic: Topic) => void,
): Promise<{ close(): Promise<void> }> {
  const poll = await pollHeads(connections, onTopic)
  const seek = setInterval(() => {
    // Nothing takes writes now: the next act says so, and the next look may find a server.
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
  { acts }: Connections,
  onTopic: (topic: Topic) => void,
): Promise<NodeJS.Timeout> {
  const readHeads = async (): Promise<Row> => (await acts.query(headsSql))[0] ?? {}
  let heads = await readHeads()
  let looking = false
  async function look(): Promise<void> {
    const now = await readHeads()
    const before = heads
    heads = now
    if (now['changes'] !== before['changes']) onTopic('changes')
    if (now['revocations'] !== before['revocations'] || now['epoch'] !== before['epoch']) {
      onTopic('revocations')
    }
  }
  const timer = setInterval(() => {
    if (looking) return
    looking = true
    // A database that does not answer now is looked at again.
    look().then(
      () => (looking = false),
      () => (looking = false),
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
    // A standby refuses to listen, and then the next server has its turn.
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
      // The server that this one listens to may still be there and hear nothing any more.
      if (which === 'all') client?.connection.stream.destroy()
    })
  return {
    async close() {
      closed = true
      clearTimeout(again)
      if (client === undefined) return
      const { stream } = client.connection
      const cut = setTimeout(() => stream.destroy(), goodbyeMs)
      await client.end()
      clearTimeout(cut)
    },
  }
}
