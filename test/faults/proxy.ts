import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

/** Where a connection to Postgres is cut. */
export type Cut =
  | 'never'
  /** The first message that names the marker does not arrive. */
  | 'before_marker'
  /** The first statement does not arrive. */
  | 'before_begin'
  /** The statements of the transaction were done; its COMMIT does not arrive. */
  | 'before_commit'
  /** The COMMIT was done; its answer does not arrive. */
  | 'after_commit'

/** A TCP proxy in front of Postgres that reads the messages and fails at a chosen point. */
export interface Proxy {
  readonly url: string
  /** Cuts the next connection that comes to this point, once; the transaction must have named `marker` by then. */
  cutOnce(cut: Cut, marker?: string): void
  /** Passes nothing in either direction while `stalled`; connections stay up. */
  stall(stalled: boolean): void
  /** Lets everything towards Postgres wait that long. Units: milliseconds. */
  delay(ms: number): void
  /** Cuts all connections at once. */
  cutAll(): void
  /** Cuts all connections, and each new one at once, while `refused`. */
  refuse(refused: boolean): void
  /** Leads new connections to another server; those that there are stay where they are. */
  leadTo(port: number): void
  close(): Promise<void>
}

/** Starts a proxy in front of the Postgres server of an address. */
export async function startProxy(target: string): Promise<Proxy> {
  const { hostname, port } = new URL(target)
  let towards = Number(port)
  const pairs = new Set<Pair>()
  let cut: Cut = 'never'
  let wanted = ''
  let stalled = false
  let refused = false
  let delayMs = 0

  const server = createServer({ noDelay: true }, (client) => {
    if (refused) return void client.destroy()
    const upstream = connect({ host: hostname, port: towards, noDelay: true })
    const pair: Pair = { client, upstream, held: [] }
    pairs.add(pair)
    const end = () => {
      pairs.delete(pair)
      client.destroy()
      upstream.destroy()
    }
    for (const socket of [client, upstream]) socket.on('error', end).on('close', end)
    const parse = createMessageReader()
    let committing = false
    let marked = false
    const late: { readonly message: Buffer; readonly due: number }[] = []
    // In the order in which they came, whatever the delay has become since.
    function catchUp(): void {
      const now = performance.now() + 1
      while (late[0] !== undefined && late[0].due <= now) {
        const { message } = late.shift() ?? {}
        if (message !== undefined && !upstream.destroyed) pass(pair, upstream, message)
      }
      if (late.length > 0) setTimeout(catchUp, 1)
    }
    client.on('data', (chunk: Buffer) => {
      for (const message of parse(chunk)) {
        const text = queryText(message)
        if (text.startsWith('begin')) marked = wanted === ''
        marked ||= message.includes(wanted)
        if (cut === 'before_marker' && message.includes(wanted)) return hit()
        if (cut === 'before_begin' && text.startsWith('begin')) return hit()
        if (cut === 'before_commit' && marked && text === 'commit') return hit()
        committing ||= cut === 'after_commit' && marked && text === 'commit'
        if (delayMs === 0 && late.length === 0) pass(pair, upstream, message)
        else {
          late.push({ message, due: performance.now() + delayMs })
          setTimeout(catchUp, delayMs)
        }
      }
    })
    upstream.on('data', (chunk: Buffer) => {
      if (committing && chunk.includes('COMMIT\0')) return hit()
      pass(pair, client, chunk)
    })
    function hit(): void {
      cut = 'never'
      // Earlier bytes must arrive before the end does.
      client.destroy()
      upstream.end()
    }
  })

  function pass(pair: Pair, to: Socket, bytes: Buffer): void {
    if (stalled) pair.held.push([to, bytes])
    else to.write(bytes)
  }

  function cutAll(): void {
    for (const { client, upstream } of pairs) {
      client.destroy()
      upstream.destroy()
    }
  }

  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const url = new URL(target)
  url.port = String(typeof address === 'object' ? address?.port : '')
  return {
    url: url.href,
    cutOnce(where, marker = '') {
      cut = where
      wanted = marker
    },
    stall(now) {
      stalled = now
      if (stalled) return
      for (const pair of pairs) {
        for (const [to, bytes] of pair.held.splice(0)) if (!to.destroyed) to.write(bytes)
      }
    },
    delay(ms) {
      delayMs = ms
    },
    cutAll,
    refuse(now) {
      refused = now
      if (refused) cutAll()
    },
    leadTo(other) {
      towards = other
    },
    async close() {
      cutAll()
      server.close()
      await once(server, 'close')
    },
  }
}

interface Pair {
  readonly client: Socket
  readonly upstream: Socket
  /** The bytes that wait while nothing passes. */
  readonly held: [to: Socket, bytes: Buffer][]
}

/** Cuts the client's bytes into messages: a startup message without a type first, then a type and a length each. */
function createMessageReader(): (chunk: Buffer) => readonly Buffer[] {
  let rest: Buffer = Buffer.alloc(0)
  let started = false
  return (chunk) => {
    rest = Buffer.concat([rest, chunk])
    const messages: Buffer[] = []
    for (;;) {
      const typeBytes = started ? 1 : 0
      if (rest.length < typeBytes + 4) return messages
      const bytes = typeBytes + rest.readUInt32BE(typeBytes)
      if (rest.length < bytes) return messages
      messages.push(rest.subarray(0, bytes))
      rest = rest.subarray(bytes)
      started = true
    }
  }
}

/** The text of a simple query; empty for any other message. */
function queryText(message: Buffer): string {
  return message[0] === 0x51 ? message.subarray(5, -1).toString() : ''
}
