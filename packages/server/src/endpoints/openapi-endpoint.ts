import { replyJson } from '../http/reply.ts'
import { defineEndpoint, type EndpointRow } from './endpoint.ts'
import { answerJson } from './reference.ts'
import type { Services } from './services.ts'

/**
 * Publishes the OpenAPI document of a table of endpoints, for tools on the machine of a developer.
 * Why it is made at the first request: a service that nobody asks does not load it.
 */
export function openapiEndpoint(
  rows: readonly EndpointRow[],
  readVersion: () => string,
): EndpointRow {
  const row: EndpointRow = defineEndpoint({
    method: 'GET',
    path: '/openapi.json',
    cors: 'open',
    ignoresRevocations: true,
    reference: {
      summary: 'Publishes this reference as an OpenAPI document. It is served by `dev` only.',
      answers: [
        {
          ...answerJson('The document (OpenAPI 3.1).', [
            { name: 'openapi', about: 'The version of OpenAPI.', isRequired: true },
          ]),
          hasMoreFields: true,
        },
      ],
    },
    make: ({ issuer }: Pick<Services, 'issuer'>) => {
      async function render() {
        const { createOpenapi } = await import('./openapi.ts')
        const options = { issuer, version: readVersion() }
        return replyJson(200, createOpenapi([...rows, row], options))
      }

      let made: ReturnType<typeof render> | undefined
      return () => (made ??= render())
    },
  })
  return row
}
