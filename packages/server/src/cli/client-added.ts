import type { Result } from '@countersign/jwt'
import type { addClient } from '../admin/clients.ts'
import type { Config } from '../config/config.ts'
import { quoteWord } from './quote-word.ts'
import { renderText } from './render-text.ts'

type Outcome = Awaited<ReturnType<typeof addClient>>
type Added = Outcome extends Result<infer Value, infer _> ? Value : never

/** Renders a new client: its id, its secret and the line that fetches a token come first. */
export function renderAddedClient(
  { client, secret }: Added,
  { issuer, port }: Pick<Config, 'issuer' | 'port'>,
): string {
  const { id, access, grantTypes, ...rest } = client
  const stated = issuer ?? `http://localhost:${port}`
  const address = stated.endsWith('/') ? stated.slice(0, -1) : stated
  const [first] = access
  const resource = first === undefined ? '' : ` --data-urlencode resource=${first.audience}`
  const isFetched =
    secret !== null && grantTypes.includes('client_credentials') && access.length > 0
  const parts = [
    `id                 ${id}`,
    ...(secret === null
      ? []
      : [`secret             ${secret}`, `${' '.repeat(19)}It is shown once.`]),
    ...(isFetched
      ? [
          '',
          'Get a token; curl asks for the secret:',
          `  curl -u ${quoteWord(id)} ${address}/oauth2/token -d grant_type=client_credentials${resource}`,
        ]
      : []),
    '',
    renderText({ access, grantTypes, ...rest }),
  ]
  return parts.join('\n')
}
