import { readFileSync } from 'node:fs'
import type { LoadedConfig } from '../config/config.ts'
import { commandSecrets, settingsFile } from '../config/settings.ts'
import { findSecret } from '../config/sources.ts'
import { startFault } from '../config/start-fault.ts'
import { defineCommand } from './command.ts'
import { objectToPlainHost } from './plain-http.ts'

interface TokenOptions {
  readonly client: string
  readonly resource: string | undefined
  readonly scope: string | undefined
}

/** `countersign token`. */
export const tokenCommand = defineCommand({
  name: 'token',
  summary: 'Fetch a token by the client_credentials grant and print it.',
  options: [
    {
      name: 'issuer',
      value: 'url',
      help: 'The service. Default: the issuer as configured, else the port of this machine.',
      environment: 'COUNTERSIGN_ISSUER',
    },
    { name: 'client', value: 'id', help: 'The client.', required: true },
    {
      name: 'resource',
      value: 'audience',
      help: 'The resource. Default: the only one of the client.',
    },
    {
      name: 'scope',
      value: 'scopes',
      help: 'The scopes. Default: all scopes of the client there.',
    },
    {
      name: 'plain-http-issuer-unsafe',
      value: 'host',
      help: 'The host name of an issuer without TLS, which needs a private address.',
      environment: 'COUNTERSIGN_PLAIN_HTTP_ISSUER_UNSAFE',
    },
  ],
  variables: {
    COUNTERSIGN_CLIENT_SECRET: 'The secret. Also as COUNTERSIGN_CLIENT_SECRET_FILE.',
  },
  examples: [
    'COUNTERSIGN_CLIENT_SECRET_FILE=secret countersign token --client shop',
    'COUNTERSIGN_CLIENT_SECRET_FILE=secret countersign token --client shop --issuer https://id.example.com',
    'COUNTERSIGN_CLIENT_SECRET_FILE=secret countersign token --client shop --scope read --json',
  ],
  run: async ({ options, flags, environment, output }) => {
    const { demand, readConfig } = await import('./load.ts')
    const loaded = await readConfig(flags, environment)
    demand(loaded.problems)
    const issuer = loaded.config.issuer ?? `http://localhost:${loaded.config.port}`
    const objection = await objectToIssuer(issuer, loaded)
    if (objection !== undefined) throw startFault(objection)
    const answer = await output.during(requestToken(issuer, options, secretOf(environment)))
    output.print(answer, answer.access_token)
    return 0
  },
})

/** Why the secret is not sent there; the file of the present folder may be anybody's. */
async function objectToIssuer(
  issuer: string,
  { lines }: LoadedConfig,
): Promise<string | undefined> {
  const originOf = (name: string) => lines.find((setting) => setting.name === name)?.origin ?? ''
  const isOfFile = (name: string) => originOf(name).startsWith(settingsFile)
  const { hostname } = new URL(issuer)
  const isHere = ['localhost', '127.0.0.1', '[::1]'].includes(hostname)
  if (isHere) return undefined
  if (isOfFile('issuer'))
    return `${settingsFile} names ${issuer}: say --issuer ${issuer} where the secret is meant for it.`
  if (issuer.startsWith('https://')) return undefined
  const setting = 'plainHttpIssuerUnsafe'
  const isMeant = lines.some(({ name, value }) => name === setting && value === hostname)
  if (isMeant && !isOfFile(setting)) return objectToPlainHost(hostname)
  return `${issuer} is no https address: the secret could be read on its way. In a private network state the exception with --plain-http-issuer-unsafe ${hostname}.`
}

function secretOf(environment: NodeJS.ProcessEnv): string {
  const name = commandSecrets.clientSecret
  const found = findSecret(name, environment, (path) => readFileSync(path, 'utf8'))
  if (found !== undefined) return found.value
  throw startFault(
    `${name} is missing: give the secret of the client, or name its file with ${name}_FILE.`,
  )
}

async function requestToken(
  issuer: string,
  { client, resource, scope }: TokenOptions,
  secret: string,
): Promise<{ readonly access_token: string }> {
  const form = new URLSearchParams({ grant_type: 'client_credentials' })
  if (resource !== undefined) form.set('resource', resource)
  if (scope !== undefined) form.set('scope', scope)
  const pair = `${encodeURIComponent(client)}:${encodeURIComponent(secret)}`
  let response
  try {
    response = await fetch(`${issuer.endsWith('/') ? issuer.slice(0, -1) : issuer}/oauth2/token`, {
      method: 'POST',
      redirect: 'error',
      signal: AbortSignal.timeout(10_000),
      headers: { authorization: `Basic ${Buffer.from(pair).toString('base64')}` },
      body: form,
    })
  } catch {
    throw startFault(`${issuer} does not answer: start the service, or name another with --issuer.`)
  }
  const answer = (await response.json().catch(() => ({}))) as Record<string, unknown>
  const { access_token: token } = answer
  if (response.ok && typeof token === 'string') return { ...answer, access_token: token }
  const { error, error_description: description } = answer
  throw startFault(
    `${issuer} gave no token (${response.status} ${String(error)}): ${typeof description === 'string' ? description : 'no reason'}`,
  )
}
