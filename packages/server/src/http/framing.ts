import type { Socket } from 'node:net'
import type { BodyLimits, BodyRefusal, IncomingBody } from './body.ts'

/** Units: bytes. A chunk costs at least a digit and two line ends in addition to its data. */
const chunkBytesMin = 5

/** Units: bytes of one read of a socket in Node. */
const readBytesMax = 65_536

/**
 * Takes the pieces and the end of a body in chunks; framing counts with the data.
 * Refuses: `too_much_framing` for tiny chunks, long extensions and sizes with leading zeros, whose data alone would be
 * within the limit.
 * Not checked: framing within one read of the socket, which has at most 64 KiB; framing without data, until data or
 * the end follows or the time is over.
 * Why: framing is parsed like data, so that it costs the same work.
 * Source: RFC 9112 §7.1.1 (a recipient limits the length of chunk extensions).
 */
export function countFraming(
  socket: Pick<Socket, 'bytesRead'>,
  limits: BodyLimits,
  body: IncomingBody,
): Pick<IncomingBody, 'end'> & { readonly add: (piece: Uint8Array) => void } {
  const before = socket.bytesRead
  let seen = before
  let data = 0
  let pieces = 0
  /** Data of this read and of earlier ones, but for what came with the head. */
  let dataOfReads = 0
  let framing = 0
  const countReads = (): void => {
    const { bytesRead } = socket
    if (bytesRead === seen) return
    // The request had not ended before the last read, so all earlier bytes are of this body.
    const ofThisBody = Math.max(seen, bytesRead - readBytesMax) - before
    framing = Math.max(framing, ofThisBody - dataOfReads)
    seen = bytesRead
  }
  const refusalOf = (): BodyRefusal | undefined => {
    const cost = data + Math.max(framing, pieces * chunkBytesMin)
    if (data <= limits.bodyBytesMax && cost > limits.bodyBytesMax) return 'too_much_framing'
    return cost > limits.drainBytesMax ? 'too_large' : undefined
  }
  return {
    add(piece) {
      countReads()
      pieces += 1
      data += piece.length
      if (seen !== before) dataOfReads += piece.length
      const refusal = refusalOf()
      if (refusal === undefined) body.add(piece)
      else body.giveUp(refusal)
    },
    end() {
      countReads()
      const refusal = refusalOf()
      if (refusal === undefined) body.end()
      else body.giveUp(refusal)
    },
  }
}
