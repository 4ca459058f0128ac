import { request, type IncomingHttpHeaders } from 'node:http'
import { connect } from 'node:net'

export interface Ask {
  readonly method?: string
  readonly path: string
  readonly headers?: Readonly<Record<string, string | readonly string[]>>
  readonly body?: string | Uint8Array
}

export interface Heard {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** Sends one request to the loopback and reads the whole answer. */
export function ask(
  port: number,
  { method = 'GET', path, headers = {}, body }: Ask,
): Promise<Heard> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, method, path, agent: false }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(chunks).toString(),
        }),
      )
    })
    sent.on('error', reject)
    sent.setHeader('host', `localhost:${port}`)
    for (const [name, value] of Object.entries(headers)) sent.setHeader(name, value)
    sent.end(body)
  })
}

/** Sends bytes as they are, piece by piece, and gives all that came back until the other side closed. */
export function askRaw(port: number, ...pieces: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    const socket = connect(port, '127.0.0.1', () => {
      for (const piece of pieces) socket.write(piece)
    })
    socket.on('data', (chunk) => chunks.push(Buffer.from(chunk)))
    socket.on('error', reject)
    socket.on('close', () => resolve(Buffer.concat(chunks).toString()))
  })
}

export const demoLogin: Ask = {
  method: 'POST',
  path: '/login',
  headers: { 'content-type': 'application/json/' },
  body: '{"client_id":"foo","client_secret":"bar"}',
}

/** Logs the demo client in; gives its token. */
export async function logIn(port: number, members: object = {}): Promise<string> {
  const body = JSON.stringify({ client_id: 'foo', client_secret: 'bar', ...members })
  const { status, body: answer } = await ask(port, { ...demoLogin, body })
  if (status !== 200) throw new Error(`login: ${status} ${answer}`)
  const { access_token: token } = JSON.parse(answer) as { access_token: string }
  return token
}

/** Whether a token opens the protected area. */
export async function opens(port: number, token: string): Promise<boolean> {
  const { status } = await ask(port, {
    path: '/protected',
    headers: { authorization: `Bearer ${token}` },
  })
  return status === 200
}
