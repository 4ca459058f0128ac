import { Buffer } from 'node:buffer'
import type { BunRequest, BunServer } from './bun-server.ts'
import type { Outlet, StreamReply } from './exchange.ts'
import type { Streams } from './streams.ts'

/** A request of Bun's server, and where its answer goes: returned at once, or promised. */
export interface Reception {
  readonly request: BunRequest
  readonly server: BunServer
  /** The path where the row names exactly one. */
  readonly exactPath: string | undefined
  answer: Response | undefined
  settle: ((answer: Response) => void) | undefined
}

export function receive(
  request: BunRequest,
  server: BunServer,
  exactPath: string | undefined,
): Reception {
  return { request, server, exactPath, answer: undefined, settle: undefined }
}

/**
 * Promises an answer.
 * Why: Bun cuts a connection without traffic, while a handler may take as long as it does on Node.
 */
export function later(reception: Reception): Promise<Response> {
  reception.server.timeout(reception.request, 0)
  return new Promise((resolve) => {
    reception.settle = resolve
  })
}

/** Gives the answer; only the first one counts. Units: seconds that the connection may idle afterwards, 0 for ever. */
export function deliver(reception: Reception, response: Response, idleSeconds: number): void {
  const { request, server, settle } = reception
  if (settle !== undefined || idleSeconds === 0) server.timeout(request, idleSeconds)
  if (settle === undefined) reception.answer ??= response
  else settle(response)
}

/** Headers as Bun takes them. */
export function bunHeaders(headers: Record<string, string | string[]>): Headers {
  const made = new Headers()
  for (const [name, value] of Object.entries(headers)) {
    if (typeof value === 'string') made.set(name, value)
    else for (const one of value) made.append(name, one)
  }
  return made
}

/** Units: bytes. How much may wait before an outlet says so; as much as a socket of Node. */
const highWaterMark = 65_536

/**
 * Makes a body that goes on; what its receiver has not taken waits here and is counted.
 * `onEnd` is called right before it ends well.
 */
export function answerStream(
  reply: StreamReply,
  streams: Streams,
  onEnd: () => void,
): ReadableStream<Uint8Array> {
  let closed: (() => void) | undefined
  let isOver = false
  const finish = (): void => {
    isOver = true
    closed?.()
  }
  const outletOf = (controller: ReadableStreamDefaultController<Uint8Array>): Outlet => ({
    write(chunk) {
      if (isOver) return false
      controller.enqueue(typeof chunk === 'string' ? Buffer.from(chunk) : chunk)
      return (controller.desiredSize ?? 0) > 0
    },
    waitingBytes: () => (isOver ? 0 : highWaterMark - (controller.desiredSize ?? highWaterMark)),
    end() {
      if (isOver) return
      onEnd()
      controller.close()
      finish()
    },
    cut() {
      if (isOver) return
      controller.error()
      finish()
    },
  })
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        closed = streams.open(reply, outletOf(controller))
        // It may have ended before its listener was set.
        if (isOver) closed()
      },
      cancel: finish,
    },
    new ByteLengthQueuingStrategy({ highWaterMark }),
  )
}
