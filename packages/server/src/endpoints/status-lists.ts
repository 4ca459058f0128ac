import { replyJson } from '../http/reply.ts'
import { defineEndpoint } from './endpoint.ts'
import { refusal } from './reference.ts'
import type { Services } from './services.ts'

/**
 * Publishes Token Status Lists.
 * Refuses: 404 for an unknown list.
 * Source: draft-ietf-oauth-status-list §8.1.
 */
export const statusListsEndpoint = defineEndpoint({
  method: 'GET',
  path: '/status-lists/*',
  reference: {
    summary: 'Publishes a Token Status List.',
    parameters: [{ in: 'path', name: 'list', about: 'The id of the list.', isRequired: true }],
    answers: [
      { status: 200, about: 'The signed list.', mediaType: 'application/statuslist+jwt' },
      refusal(404, 'not_found', 'No list has this id.'),
    ],
  },
  cors: 'open',
  make:
    ({ statusLists }: Pick<Services, 'statusLists'>) =>
    async ({ path }) => {
      const list = await statusLists.render(path.slice('/status-lists/'.length))
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
})
