import { Buffer } from 'node:buffer'
import type { IncomingMessage } from 'node:http'
import type { EdgeLimits } from './limits.ts'

/**
 * Reads a body whole and then calls `done`, once; never when the sender went away.
 * Why: of a body that is too large a little more is read and dropped, because an answer before its end would be lost
 * to a sender that still sends.
 */
export function readBody(
  incoming: IncomingMessage,
  limits: Pick<EdgeLimits, 'bodyBytesMax' | 'drainBytesMax'>,
  contentLength: number,
  done: (body: Uint8Array | 'too_large') => void,
): void {
  const chunks: Buffer[] = []
  let size = 0
  let settled = false
  const settle = (body: Uint8Array | 'too_large') => {
    if (settled) return
    settled = true
    done(body)
  }
  if (contentLength > limits.drainBytesMax) {
    settle('too_large')
    return
  }
  incoming.on('data', (chunk: Buffer) => {
    size += chunk.length
    if (size <= limits.bodyBytesMax) chunks.push(chunk)
    else chunks.length = 0
    if (size > limits.drainBytesMax) settle('too_large')
  })
  incoming.on('end', () => {
    if (size > limits.bodyBytesMax) settle('too_large')
    else settle(chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks))
  })
  incoming.on('error', () => {
    // Nobody is left to be answered.
    settled = true
  })
}

export const noBody: Uint8Array = new Uint8Array(0)
