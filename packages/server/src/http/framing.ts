import type { Socket } from 'node:net'
import type { BodyLimits, IncomingBody } from './body.ts'

/** Units: bytes. A chunk costs at least a digit and two line ends in addition to its data. */
const chunkBytesMin = 5

/**
 * Makes what takes the pieces of a body in chunks, framing counted with the data.
 * Refuses: `too_much_framing` for tiny chunks and long extensions, whose data alone would be within the limit.
 * Not checked: framing within one read of the socket, which has at most 64 KiB.
 * Why: framing is parsed like data, so that it costs the same work.
 * Source: RFC 9112 §7.1.1 (a recipient limits the length of chunk extensions).
 */
export function countFraming(
  socket: Pick<Socket, 'bytesRead'>,
  limits: BodyLimits,
  body: IncomingBody,
): (piece: Uint8Array) => void {
  const before = socket.bytesRead
  let seen = before
  let data = 0
  let pieces = 0
  /** Data of this read and of earlier ones, but for what came with the head. */
  let dataOfReads = 0
  let framing = 0
  return (piece) => {
    if (socket.bytesRead !== seen) {
      // The request had not ended with the reads before this one, so all their bytes are of this body.
      framing = Math.max(framing, seen - before - dataOfReads)
      seen = socket.bytesRead
    }
    pieces += 1
    data += piece.length
    if (seen !== before) dataOfReads += piece.length
    const cost = data + Math.max(framing, pieces * chunkBytesMin)
    if (data <= limits.bodyBytesMax && cost > limits.bodyBytesMax) body.giveUp('too_much_framing')
    else if (cost > limits.drainBytesMax) body.giveUp('too_large')
    else body.add(piece)
  }
}
