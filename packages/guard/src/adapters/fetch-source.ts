import {
  fetchReader,
  nodeReader,
  rememberOrigin,
  type NodeRequest,
  type RequestReader,
} from '../policy/request.ts'

/** A fetch request and the first value that its platform adds. */
export interface FetchSource {
  readonly raw: Request
  readonly env: unknown
}

/**
 * Reads a fetch request with the address that the client sent.
 * Why: Hono's `mount` passes a copy of the request with a shorter address. On Node the request of node:http below it
 * has the complete one.
 * Not checked: a copy on other platforms, which have no such request.
 */
export const fetchSourceReader: RequestReader<FetchSource> = {
  method: ({ raw }) => fetchReader.method(raw),
  header: ({ raw }, name) => fetchReader.header(raw, name),
  url: ({ raw, env }) => {
    const incoming = incomingOf(env)
    return incoming === undefined ? raw.url : nodeReader.url(incoming)
  },
  identity: ({ raw, env }) => {
    const incoming = incomingOf(env)
    return incoming === undefined ? raw : rememberOrigin(raw, incoming)
  },
  asker: ({ env }) => {
    const incoming = incomingOf(env)
    return incoming === undefined ? undefined : nodeReader.asker?.(incoming)
  },
}

function incomingOf(env: unknown): NodeRequest | undefined {
  const incoming: unknown = isObject(env) ? Reflect.get(env, 'incoming') : undefined
  return isObject(incoming) && 'rawHeaders' in incoming && 'url' in incoming
    ? (incoming as NodeRequest)
    : undefined
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}
