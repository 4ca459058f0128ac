import type { Endpoint } from '../http/exchange.ts'
import { storeFault } from '../store/port/fault.ts'

/**
 * Lets an endpoint answer only while this process knows what was revoked.
 * Throws: an `unavailable` store fault, which the edge answers with 503, `Retry-After` and the id of the request.
 */
export function whileCurrent(logIsTooOld: () => boolean, endpoint: Endpoint): Endpoint {
  return {
    ...endpoint,
    handle(request) {
      if (logIsTooOld()) throw storeFault('unavailable', tooOld)
      return endpoint.handle(request)
    },
  }
}

const tooOld =
  'The revocation log could not be read for too long, so nothing is answered from memory. Check the database; the service goes on by itself.'
