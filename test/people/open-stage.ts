import { createGuard } from '@countersign/guard/node'
import { freePort } from '../free-port.ts'
import { audience, openPlace, type Place } from '../sessions/place.ts'
import { startFront } from './start-front.ts'

/** A service, an application that its guard protects, and a proxy that puts both on one host. */
export interface Stage {
  readonly place: Place
  readonly origin: string
  /** Why the guard of the application refused, oldest first. */
  readonly refusals: readonly string[]
  readonly close: () => Promise<void>
}

/** Starts all of it. `/orders` needs the scope `read`, `/stock` the role `editor`, `/about` nothing. */
export async function openStage(options: {
  readonly on: 'sqlite' | 'postgres'
  readonly nodes: number
  /** Units: seconds. */
  readonly tokenTtlSeconds: number
}): Promise<Stage> {
  const { on, tokenTtlSeconds } = options
  const port = await freePort()
  const origin = `http://localhost:${port}`
  const place = await openPlace({ on, tokenTtlSeconds, issuer: origin })
  const nodes: string[] = []
  for (let more = 0; more < options.nodes; more += 1) nodes.push((await place.startNode()).origin)
  const refusals: string[] = []
  const guard = createGuard({
    issuer: origin,
    audience,
    credentials: { cookie: 'cs' },
    decryptionKeys: { clientId: 'orders-api', clientSecret: place.apiSecret },
    warnings: false,
    onRefusal: ({ reason }) => void refusals.push(reason),
    render: (_refusal, standard) =>
      standard.status === 401
        ? {
            status: 303,
            headers: { ...standard.headers, location: '/sign-in?return_to=/orders' },
            body: '',
          }
        : standard,
  })
  const front = await startFront(port, nodes, {
    '/about': (_request, response) => void response.end('all may read this'),
    '/orders': guard.protect(
      { scope: 'read' },
      (_request, response) => void response.end('the orders'),
    ),
    '/stock': guard.protect(
      { role: 'editor' },
      (_request, response) => void response.end('the stock'),
    ),
  })
  await guard.ready()
  return {
    place,
    origin,
    refusals,
    async close() {
      guard.close()
      await place.close()
      await front.close()
    },
  }
}
