import type { Endpoint } from '../http/exchange.ts'
import { replyJson } from '../http/reply.ts'
import type { StatusLists } from '../revocation/status-lists.ts'

/**
 * Publishes Token Status Lists.
 * Refuses: 404 for a list that never was.
 * Source: draft-ietf-oauth-status-list §8.1.
 */
export function statusListsEndpoint(lists: StatusLists): Endpoint {
  return {
    method: 'GET',
    path: '/status-lists/*',
    handle: async ({ path }) => {
      const list = await lists.render(path.slice('/status-lists/'.length))
      if (list === undefined) return replyJson(404, { error: 'not_found' })
      return {
        status: 200,
        headers: {
          'content-type': 'application/statuslist+jwt',
          'cache-control': `public, max-age=${list.ttlSeconds}`,
          'access-control-allow-origin': '*',
        },
        body: list.token,
      }
    },
  }
}
