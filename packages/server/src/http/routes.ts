import type { Endpoint } from './exchange.ts'

/** The rows that stand at one path. */
export interface Route {
  /** Its name in counts and logs. */
  readonly path: string
  readonly byMethod: ReadonlyMap<string, Endpoint>
  /** Whether browsers open it. */
  readonly isPage: boolean
  /** For the `Allow` header (RFC 9110 §10.2.1). */
  readonly allow: string
}

export interface Routes {
  readonly find: (path: string) => Route | undefined
  readonly all: readonly Route[]
}

/**
 * Makes the table of endpoints searchable.
 * Why: one look-up by the exact path as sent, never decoded or normalised, so that two readings of a path cannot differ.
 * Throws: TypeError when two rows claim the same method and path.
 */
export function createRoutes(endpoints: readonly Endpoint[]): Routes {
  const byPath = new Map<string, Map<string, Endpoint>>()
  for (const endpoint of endpoints) {
    const methods = byPath.get(endpoint.path) ?? new Map<string, Endpoint>()
    if (methods.has(endpoint.method))
      throw new TypeError(`two endpoints answer ${endpoint.method} ${endpoint.path}`)
    byPath.set(endpoint.path, methods.set(endpoint.method, endpoint))
    if (endpoint.method === 'GET') methods.set('HEAD', endpoint)
  }
  const routes = new Map<string, Route>()
  for (const [path, byMethod] of byPath)
    routes.set(path, {
      path,
      byMethod,
      isPage: [...byMethod.values()].some((endpoint) => endpoint.isPage),
      allow: [...byMethod.keys()].join(', '),
    })
  return {
    find: (path) => routes.get(path) ?? routes.get(anySegment(path)),
    all: [...routes.values()],
  }
}

/** The row that stands for any last segment; a path without one finds nothing. */
function anySegment(path: string): string {
  return `${path.slice(0, path.lastIndexOf('/') + 1)}*`
}
