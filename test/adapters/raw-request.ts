import { connect } from 'node:net'
import { once } from 'node:events'

/** The answer over the socket, headers in small letters. */
export interface RawAnswer {
  readonly status: number
  readonly head: string
  readonly body: string
}

/** Sends exactly these lines. A client would change the path and join the headers. */
export async function rawRequest(
  origin: string,
  method: string,
  path: string,
  headers: readonly string[],
): Promise<RawAnswer> {
  const { hostname, port } = new URL(origin)
  const socket = connect(Number(port), hostname)
  const lines = [
    `${method} ${path} HTTP/1.1`,
    `Host: ${hostname}:${port}`,
    'Connection: close',
    ...headers,
  ]
  if (method === 'POST') lines.push('Content-Length: 0')
  socket.write(`${lines.join('\r\n')}\r\n\r\n`)
  const parts: Buffer[] = []
  socket.on('data', (part: Buffer) => parts.push(part))
  await once(socket, 'close')
  const text = Buffer.concat(parts).toString('utf8')
  const end = text.indexOf('\r\n\r\n')
  return {
    status: Number(text.slice(9, 12)),
    head: text.slice(0, end),
    body: text.slice(end + 4),
  }
}
