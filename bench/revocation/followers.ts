// Holds streams of the revocation feed open, in a process of its own: `followers.ts <port> <count>`.
import { once } from 'node:events'
import { get } from 'node:http'
import type { IncomingMessage } from 'node:http'

/** The service takes 200 streams from one address, so the followers come from several of the loopback's. */
const perAddress = 150
const atOnce = 50

const [, , port, count] = process.argv

const position = await readPosition()

/** The place in the feed that a page states. Its claims are read, not proven. */
async function readPosition(): Promise<string> {
  const response = await fetch(`http://localhost:${port}/revocations`)
  const [, claims = ''] = (await response.text()).split('.')
  const { epoch, to }: { readonly epoch: string; readonly to: number } = JSON.parse(
    Buffer.from(claims, 'base64url').toString(),
  )
  return new URLSearchParams({ epoch, after: String(to) }).toString()
}

async function open(index: number): Promise<void> {
  const request = get({
    host: '127.0.0.1',
    port: Number(port),
    path: `/revocations/stream?${position}`,
    localAddress: `127.0.0.${2 + Math.floor(index / perAddress)}`,
    headers: { accept: 'text/event-stream', host: `localhost:${port}` },
    agent: false,
  })
  const [response]: IncomingMessage[] = await once(request, 'response')
  if (response?.statusCode !== 200) throw new Error(`the stream answered ${response?.statusCode}`)
  response.on('end', () => {
    throw new Error('a follower was turned away')
  })
  response.resume()
}

for (let first = 0; first < Number(count); first += atOnce) {
  const batch = Array.from({ length: Math.min(atOnce, Number(count) - first) }, (_, n) => n + first)
  await Promise.all(batch.map(open))
}
process.send?.('open')
// It ends with the process that started it.
process.on('disconnect', () => process.exit())
