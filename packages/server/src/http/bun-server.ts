import type { JoinedHeaders } from './head.ts'

/** The used part of Bun's own server, because no installed package has its types. */
export interface BunServer {
  readonly port: number
  readonly requestIP: (request: BunRequest) => { readonly address: string } | null
  /** How long a request may go without a byte. Units: seconds; 0 for ever. */
  readonly timeout: (request: BunRequest, seconds: number) => void
  readonly stop: (closeActive?: boolean) => Promise<void>
  readonly closeIdleConnections: () => void
}

export interface BunRequest {
  readonly method: string
  /** Absolute and normalised: dot segments are gone, and the authority is that of the Host header. */
  readonly url: string
  readonly headers: JoinedHeaders & { readonly toJSON: () => Record<string, string> }
  readonly body: ReadableStream<Uint8Array> | null
}

export type BunHandler = (request: BunRequest, server: BunServer) => Response | Promise<Response>

export interface BunServeOptions {
  readonly hostname: string
  readonly port: number
  /** Refuses a port that another process listens on. Bun shares it by default. */
  readonly reusePort: false
  /** Prevents pages with source code as answers to faults. */
  readonly development: false
  /** Units: seconds. */
  readonly idleTimeout: number
  readonly maxRequestBodySize: number
  /** By the exact path as sent; `:name` stands for one segment. */
  readonly routes: Readonly<Record<string, BunHandler>>
  /** Everything else. */
  readonly fetch: BunHandler
  readonly error: (fault: unknown) => Response
}

/** Starts a server. Throws: the error of the socket. */
export function serveOnBun(options: BunServeOptions): BunServer {
  const { Bun } = globalThis as { Bun?: { serve: (options: BunServeOptions) => BunServer } }
  if (Bun === undefined) throw new Error('this runtime is not Bun')
  return Bun.serve(options)
}
