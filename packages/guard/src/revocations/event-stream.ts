import type { StreamEvents, StreamHandle } from './follower.ts'
import type { PinnedAddress } from '../outbound/private-host.ts'
import { messageBytesMax } from './entries.ts'

/**
 * Parses server-sent events as they arrive and passes on the data of each.
 * Refuses: a line or an event that is longer than the longest message. The parser then stops.
 * Why: only `data` and the empty line matter. Every message is signed, so names and ids prove nothing.
 * Source: WHATWG HTML §9.2.6 (event stream interpretation).
 */
export function createEventParser(
  onData: (data: string) => void,
  onTooLong: () => void,
): (chunk: string) => void {
  let rest = ''
  let data = ''
  let over = false
  return (chunk) => {
    if (over) return
    rest += chunk
    let start = 0
    for (let end = rest.indexOf('\n'); end !== -1; end = rest.indexOf('\n', start)) {
      const line = rest.slice(start, rest[end - 1] === '\r' && end > start ? end - 1 : end)
      start = end + 1
      if (line === '') {
        if (data !== '') onData(data)
        data = ''
      } else if (line.startsWith('data:')) {
        const part = line.slice(line[5] === ' ' ? 6 : 5)
        data = data === '' ? part : `${data}\n${part}`
      }
    }
    rest = rest.slice(start)
    if (rest.length > messageBytesMax || data.length > messageBytesMax) {
      over = true
      onTooLong()
    }
  }
}

/** The address of a stream. `authorization` is for a feed that is not public. */
export interface StreamTarget {
  readonly url: URL
  readonly authorization?: string | undefined
  /** Finds where to connect to. Default: the host of the URL. */
  readonly pin?: ((url: URL) => Promise<PinnedAddress>) | undefined
  /** The longest wait for the headers. Units: seconds. */
  readonly connectSeconds: number
  /** A clock that never jumps. Units: seconds. */
  readonly monotonic: () => number
}

/** Units: bytes of one stream each second, and at once. Comments count too. */
const bytesPerSecond = 2 * 1024 * 1024
const bytesAtOnce = 8 * 1024 * 1024

/** Creates the byte limit of one stream. It returns whether so many more bytes may arrive now. */
export function createByteLimit(monotonic: () => number): (bytes: number) => boolean {
  let allowance = bytesAtOnce
  let countedAt = monotonic()
  return (bytes) => {
    const now = monotonic()
    allowance = Math.min(bytesAtOnce, allowance + (now - countedAt) * bytesPerSecond) - bytes
    countedAt = now
    return allowance >= 0
  }
}

/**
 * Opens an event stream on a socket that never holds a process open.
 * Refuses: every answer except 200 with `text/event-stream`, redirects included, and more bytes than the limit. The
 * stream then counts as closed.
 * Why: `node:http` can unref its sockets and `fetch` cannot. Every runtime with processes has `node:http`.
 */
export function openEventStream(target: StreamTarget, events: StreamEvents): StreamHandle {
  let close = () => {}
  let closed = false
  const finish = () => {
    if (closed) return
    closed = true
    close()
    events.closed()
  }
  void connect(target, events, finish).then(
    (destroy) => {
      close = destroy
      if (closed) destroy()
    },
    () => finish(),
  )
  return {
    close: () => {
      closed = true
      close()
    },
  }
}

async function connect(
  target: StreamTarget,
  events: StreamEvents,
  finish: () => void,
): Promise<() => void> {
  const { request } =
    target.url.protocol === 'https:' ? await import('node:https') : await import('node:http')
  const pinned = await target.pin?.(target.url)
  const headers = {
    ...(pinned === undefined ? {} : { host: pinned.host }),
    accept: 'text/event-stream',
    ...(target.authorization === undefined ? {} : { authorization: target.authorization }),
  }
  const outgoing = request(pinned?.url ?? target.url, { method: 'GET', headers, agent: false })
  outgoing.setTimeout(target.connectSeconds * 1000, () => outgoing.destroy())
  outgoing.on('socket', (socket) => socket.unref())
  outgoing.on('error', finish)
  outgoing.on('response', (response) => {
    if (
      response.statusCode !== 200 ||
      !response.headers['content-type']?.startsWith('text/event-stream')
    ) {
      outgoing.destroy()
      finish()
      return
    }
    outgoing.setTimeout(0)
    const parse = createEventParser(events.message, () => outgoing.destroy())
    const fits = createByteLimit(target.monotonic)
    const decoder = new TextDecoder()
    response.on('data', (chunk: Uint8Array) => {
      if (fits(chunk.length)) parse(decoder.decode(chunk, { stream: true }))
      else outgoing.destroy()
    })
    response.on('close', finish)
    response.on('error', finish)
  })
  outgoing.end()
  return () => outgoing.destroy()
}
