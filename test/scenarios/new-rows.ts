/** One new row: its own file, and the two places of a table that list it. Paths begin at the `src` of the service. */
export interface NewRow {
  readonly file: string
  readonly text: string
  readonly table: string
  readonly imported: string
  /** The text of the table behind which the row is listed. */
  readonly behind: string
  readonly listed: string
}

export const grantType = 'urn:example:grant:own-token'

const grant: NewRow = {
  file: 'grants/own-token.ts',
  text: `import { ok } from '@countersign/jwt'
import type { TokenPlan } from '../tokens/plan.ts'
import { decideClientToken, type ClientCredentialsFacts } from './client-credentials.ts'
import { defineGrant } from './define-grant.ts'
import { targetsOf } from './form.ts'
import { mintAndRecord } from './issue.ts'
import type { AccessRequest } from './select-access.ts'
import { presentAccess } from './select-resource.ts'

export const ownToken = defineGrant<AccessRequest, ClientCredentialsFacts, TokenPlan>({
  grantType: '${grantType}',
  publicClients: false,
  about: 'Gives a client a token of its own, counted one by one.',
  fields: [],
  parse: (form) => ok({ resources: targetsOf(form), scope: form.get('scope') }),
  read: (_, { client }, { resource }) => ok({ access: presentAccess(client, resource), resource }),
  decide: decideClientToken,
  commit: (plan, request, deps) => mintAndRecord(plan, 'each', request, deps),
})
`,
  table: 'grants/table.ts',
  imported: `import { ownToken } from './own-token.ts'`,
  behind: '  jwtBearer,\n',
  listed: '  ownToken,\n',
}

const endpoint: NewRow = {
  file: 'endpoints/clock.ts',
  text: `import { replyJson } from '../http/reply.ts'
import { defineEndpoint } from './endpoint.ts'
import { answerJson } from './reference.ts'
import type { Services } from './services.ts'

export const clockEndpoint = defineEndpoint({
  method: 'GET',
  path: '/clock',
  cors: 'open',
  metadata: { member: 'clock_endpoint' },
  reference: {
    summary: 'Publishes the time of the service.',
    answers: [
      answerJson('The time.', [
        { name: 'now', about: 'Seconds since 1970.', type: 'integer', isRequired: true },
      ]),
    ],
  },
  make: ({ now }: Pick<Services, 'now'>) => () => replyJson(200, { now: now() }),
})
`,
  table: 'main/table.ts',
  imported: `import { clockEndpoint } from '../endpoints/clock.ts'`,
  behind: '  metricsEndpoint,\n',
  listed: '  clockEndpoint,\n',
}

const method: NewRow = {
  file: 'clients/by-mirror.ts',
  text: `import { ok } from '@countersign/jwt'
import { admitClient, defineMethod, refuseClient } from './method.ts'

export const byMirror = defineMethod<{ readonly clientId: string; readonly proof: string }>({
  name: 'mirror',
  holds: 'nothing',
  ways: [
    {
      name: 'mirror_header',
      about: 'A header has the id, mirrored.',
      fields: [],
      read: ({ headers, parameter }) => {
        const { 'x-mirror': proof } = headers
        const clientId = parameter('client_id')
        if (typeof proof !== 'string' || clientId === undefined) return undefined
        return ok({ clientId, proof })
      },
    },
  ],
  make:
    ({ directory }) =>
    async ({ clientId, proof }) => {
      const record = await directory.read(clientId)
      if (record?.authentication !== 'mirror')
        return refuseClient({ reason: 'method_not_allowed' }, clientId, record)
      const isRight = proof === [...clientId].reverse().join('')
      return isRight ? admitClient(record) : refuseClient({ reason: 'secret_wrong' }, clientId, record)
    },
})
`,
  table: 'clients/methods.ts',
  imported: `import { byMirror } from './by-mirror.ts'`,
  behind: '[bySecret, byAssertion',
  listed: ', byMirror',
}

export const newRows: readonly NewRow[] = [grant, endpoint, method]
