import type { BodyRefusal } from './body.ts'
import type { HttpReply, HttpRequest, StreamReply } from './exchange.ts'
import type { Framing, HeadRefusal } from './head.ts'
import type { Route } from './routes.ts'
import type { Streams } from './streams.ts'

/** One request on its way through the edge. */
export interface Visit<Raw> {
  /** The request as the server read it, and the target of its answer. */
  readonly raw: Raw
  readonly method: string
  /** Counts the requests; the edge makes a request id of it for whoever asks. */
  readonly sequence: number
  readonly startedAt: number
  /** The path of the row that answers; `undefined` where there is none. */
  readonly path: string | undefined
  /** Whether the connection ends with the answer. */
  readonly close: boolean
}

/**
 * How the requests of one kind of server are read and answered; every limit and refusal stands before it, in the edge.
 * Why: made once for a server and handed each request, so that a request costs no closures.
 */
export interface Door<Raw, Head extends Framing> {
  /** The request of an endpoint. */
  readonly request: (visit: Visit<Raw>, head: Head, body: Uint8Array) => HttpRequest
  /** Reads a body whole and then calls `done`, once; never when the sender went away. */
  readonly readBody: (
    raw: Raw,
    contentLength: number,
    done: (body: Uint8Array | BodyRefusal) => void,
  ) => void
  /** Sends a whole answer, without its body to HEAD; does nothing where nobody waits for one. */
  readonly reply: (visit: Visit<Raw>, reply: HttpReply, close: boolean) => void
  /** Sends a head and lets its body go on. */
  readonly stream: (visit: Visit<Raw>, reply: StreamReply, close: boolean, streams: Streams) => void
  /** Ends the connection without an answer. */
  readonly cut: (raw: Raw) => void
}

/** Takes a request in whose head has been judged and whose row has been looked up. */
export type Enter<Raw, Head extends Framing> = (
  raw: Raw,
  method: string,
  head: Head | HeadRefusal,
  route: Route | undefined,
) => void
