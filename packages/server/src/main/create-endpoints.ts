import { withAppTarget } from '../endpoints/app-form-target.ts'
import type { EndpointRow } from '../endpoints/endpoint.ts'
import type { Services } from '../endpoints/services.ts'
import { withCors } from '../http/cors.ts'
import type { Endpoint } from '../http/exchange.ts'
import { storeFault } from '../store/port/fault.ts'
import { consequence } from './outage-step.ts'

/**
 * Makes the endpoints of a table, with the rules that hold for all requests.
 * Throws (a handler): an `unavailable` store fault while the revocation log in memory is too old. The edge answers it with
 * 503, `Retry-After` and the id of the request.
 */
export function createEndpoints(
  table: readonly EndpointRow[],
  services: Services,
  /** The origins whose pages may call the endpoints for listed origins. */
  corsOrigins: readonly string[] = [],
): readonly Endpoint[] {
  const { issuer, logIsTooOld } = services
  const endpoints: Endpoint[] = []
  for (const row of table) {
    if (row.isOffered?.(issuer) === false) continue
    if (row.needsBrowsers === true && services.browserServices === undefined) continue
    if (row.needsMail === true && !services.mail.enabled) continue
    const { method, cors, isPage = false, ignoresRevocations = false } = row
    const plain = row.make(services)
    const made = isPage ? withAppTarget(plain, services) : plain
    const handle = ignoresRevocations ? made : whileCurrent(made, logIsTooOld)
    for (const path of [row.path, ...(row.alsoAt?.(issuer) ?? [])])
      endpoints.push({ method, path, cors, isPage, handle })
  }
  return withCors(endpoints, corsOrigins, services.openid?.isPublicOrigin)
}

/** Lets an endpoint answer only while the revocation log in memory is current. */
function whileCurrent(handle: Endpoint['handle'], logIsTooOld: () => boolean): Endpoint['handle'] {
  return (request) => {
    if (logIsTooOld()) throw storeFault('unavailable', tooOld, { causeName: consequence })
    return handle(request)
  }
}

const tooOld =
  'The revocation log could not be read for too long, so nothing is answered from memory. Check the database; the service goes on by itself.'
