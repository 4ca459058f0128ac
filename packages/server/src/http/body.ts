import { Buffer } from 'node:buffer'
import type { EdgeLimits } from './limits.ts'

/** Why a body is not taken. */
export type BodyRefusal = 'too_large' | 'too_slow' | 'too_much_framing'

export type BodyLimits = Pick<EdgeLimits, 'bodyBytesMax' | 'drainBytesMax' | 'requestTimeoutMs'>

/** A body that is coming in. */
export interface IncomingBody {
  /** Takes a piece; false once nothing more has to be read. */
  readonly add: (piece: Uint8Array) => boolean
  readonly end: () => void
  /** Gives it up and calls `done` with the reason; without one when the sender is gone. */
  readonly giveUp: (reason?: BodyRefusal) => void
}

/**
 * Begins to gather a body and calls `done`, once, when it is whole or refused; `undefined` when it is refused already.
 * Why: of a body that is too large a little more is read and dropped, because an answer before its end would be lost
 * to a sender that still sends.
 */
export function gatherBody(
  limits: BodyLimits,
  contentLength: number,
  done: (body: Uint8Array | BodyRefusal) => void,
): IncomingBody | undefined {
  const pieces: Uint8Array[] = []
  let size = 0
  let settled = false
  const settle = (body: Uint8Array | BodyRefusal) => {
    if (settled) return
    settled = true
    done(body)
  }
  if (contentLength > limits.drainBytesMax) {
    settle('too_large')
    return undefined
  }
  return {
    add(piece) {
      size += piece.length
      if (size <= limits.bodyBytesMax) pieces.push(piece)
      else pieces.length = 0
      if (size > limits.drainBytesMax) settle('too_large')
      return !settled
    },
    end() {
      if (size > limits.bodyBytesMax) settle('too_large')
      else
        settle(pieces.length === 1 && pieces[0] !== undefined ? pieces[0] : Buffer.concat(pieces))
    },
    giveUp(reason) {
      if (reason === undefined) settled = true
      else settle(reason)
    },
  }
}

export const noBody: Uint8Array = new Uint8Array(0)
