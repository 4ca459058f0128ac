import type { IncomingHttpHeaders } from 'node:http'

/** A request after the edge: limited, read whole, nothing believed. */
export interface HttpRequest {
  readonly method: string
  /** The path as sent, without the query; never decoded. */
  readonly path: string
  /** The raw query without `?`; empty when there is none. */
  readonly query: string
  /** Path and query as sent. */
  readonly url: string
  /** One header by its name in lower case; where the server joins repeated ones itself and a list of all costs more. */
  readonly header?: (name: string) => string | undefined
  readonly headers: IncomingHttpHeaders
  /** Names and values as received, or repeated ones joined with ', ' where the server does that. */
  readonly rawHeaders: readonly string[]
  readonly body: Uint8Array
  /** The socket's address, or what a listed proxy reported. */
  readonly address: string
  readonly requestId: string
}

/** The answer of an endpoint. */
export interface HttpReply {
  readonly status: number
  readonly headers: Readonly<Record<string, string | readonly string[]>>
  readonly body: string | Uint8Array
  /** Says that the same object is a good answer again and again, so that a server may prepare it once. */
  readonly isKept?: true
}

/** An answer whose body goes on; the edge ends it when the service stops. */
export interface StreamReply extends Pick<HttpReply, 'status' | 'headers'> {
  /** Called once the head is out; gives what is to be called when either side has closed. */
  readonly start: (outlet: Outlet) => () => void
}

export type AnyReply = HttpReply | StreamReply

export interface Outlet {
  /** False when the receiver is slower than the sender; nothing more should be written until it has caught up. */
  readonly write: (chunk: string | Uint8Array) => boolean
  /** Written, and not yet taken by the receiver's side. */
  readonly waitingBytes: () => number
  readonly end: () => void
  /** Ends without waiting for a receiver that does not read. */
  readonly cut: () => void
}

/** One row of the table of endpoints. */
export interface Endpoint {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'OPTIONS'
  /** An exact path; one that ends with `/*` stands for any one last segment. */
  readonly path: string
  /** The pages of other origins that may read its answers: all of them, or those of listed origins. Default: none. */
  readonly cors?: 'open' | 'listed' | undefined
  /** Whether browsers open it, so that its refusals and faults may be pages. Default: false. */
  readonly isPage?: boolean
  /** Synchronous where nothing has to be awaited. */
  readonly handle: (request: HttpRequest) => AnyReply | Promise<AnyReply>
}
