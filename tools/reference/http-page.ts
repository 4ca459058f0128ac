import { listClientRefusals } from '../../packages/server/src/clients/refusals.ts'
import { clientMethods } from '../../packages/server/src/clients/methods.ts'
import { templateOf, waysOf } from '../../packages/server/src/endpoints/openapi.ts'
import type { EndpointRow } from '../../packages/server/src/endpoints/endpoint.ts'
import type { Answer, EndpointReference } from '../../packages/server/src/endpoints/reference.ts'
import { listRefusals, tokenReasons } from '../../packages/server/src/grants/refusals.ts'
import { grants } from '../../packages/server/src/grants/table.ts'
import { edgeAnswers } from '../../packages/server/src/http/edge-replies.ts'
import type { Field } from '../../packages/server/src/http/field.ts'
import { devEndpointTable } from '../../packages/server/src/main/table.ts'
import { code, codes, madeBy, page, table } from './markdown.ts'

/** Makes the reference of the HTTP interface. */
export function httpPage(): string {
  return page([
    '# HTTP reference',
    `Every endpoint, with its requests and its answers. ${madeBy('the table of endpoints')}`,
    openapi,
    '## All endpoints',
    table(
      ['endpoint', 'purpose'],
      devEndpointTable.map((row) => [
        `[${titleOf(row)}](#${anchorOf(titleOf(row))})`,
        row.reference.summary,
      ]),
    ),
    ...devEndpointTable.flatMap(sectionOf),
    '## The ways of a client to authenticate',
    'A request uses exactly one way. [The token endpoint](../token-endpoint.md) shows each in use.',
    table(
      ['way', 'request', 'parameters'],
      clientMethods.flatMap(({ ways }) =>
        ways.map(({ name, about, fields }) => [
          code(name),
          about,
          codes(fields.map((field) => field.name)),
        ]),
      ),
    ),
    '## Answers of every path',
    'These answers come before an endpoint reads the request, or after it failed. Each has a JSON body with `error`.',
    table(
      ['status', '`error`', 'when'],
      Object.values(edgeAnswers).map(({ status, error, about }) => [
        String(status),
        code(error),
        about,
      ]),
    ),
    '## Reasons in the audit log',
    'A client sees the status and `error`. The events `token_refused` and `client_refused` have the reason.',
    table(
      ['reason', 'status', '`error`', '`error_description`'],
      [...listRefusals(tokenReasons), ...listClientRefusals()].map(
        ({ reason, status, error, description }) => [
          code(reason),
          String(status),
          code(error),
          description,
        ],
      ),
    ),
    'Next: [the commands](commands.md) of the service.',
  ])
}

const openapi =
  'The same facts are an OpenAPI 3.1 document. `countersign dev` serves it at `/openapi.json`, for tools that make clients or show requests.'

type Row = EndpointRow

function titleOf(row: Row): string {
  return `${row.method} ${templateOf(row)}`
}

/** The anchor that a Markdown renderer gives to a heading. */
function anchorOf(title: string): string {
  return title
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-')
}

function sectionOf(row: Row): readonly (string | undefined)[] {
  const { reference } = row
  return [
    `## ${titleOf(row)}`,
    [reference.summary, ...factsOf(row)].join(' '),
    parametersOf(reference),
    ...kindsOf(reference),
    table(['status', 'body', '`error`', 'when', 'headers'], byStatus(reference).map(answerCells)),
    ...membersOf(reference),
  ]
}

function factsOf({ cors, metadata, isOffered, reference }: Row): readonly string[] {
  const facts: string[] = []
  const ways = waysOf(reference).map(({ name }) => name)
  if (ways.length > 0)
    facts.push(`The client [authenticates](#the-ways-of-a-client-to-authenticate): ${codes(ways)}.`)
  if (reference.authentication === 'token')
    facts.push('The `Authorization` header has the access token.')
  if (reference.authentication === 'token if closed')
    facts.push('Where the feed is closed, the `Authorization` header has an access token.')
  if (metadata !== undefined)
    facts.push(`The metadata of the issuer names the address in ${code(metadata.member)}.`)
  if (cors === 'open') facts.push('Pages of every origin may read the answers.')
  if (cors === 'listed') facts.push('Pages of the origins in `corsOrigins` may read the answers.')
  if (isOffered !== undefined) facts.push('It exists only for an issuer with https or on loopback.')
  return facts
}

function parametersOf({ parameters = [] }: EndpointReference): string | undefined {
  if (parameters.length === 0) return undefined
  return table(
    ['parameter', 'in', 'type', 'needed', 'meaning'],
    parameters.map((field) => {
      const [name = '', ...rest] = fieldCells(field)
      return [name, field.in, ...rest]
    }),
  )
}

function kindsOf({ body }: EndpointReference): readonly (string | undefined)[] {
  if (body === undefined) return []
  return body.kinds.flatMap(({ name, fields }) => [
    name === undefined
      ? `The body is ${code(body.mediaType)}:`
      : `The body with ${code(`grant_type=${name}`)}. ${grantSentence(name)}`,
    table(['field', 'type', 'needed', 'meaning'], fields.map(fieldCells)),
  ])
}

function grantSentence(name: string): string {
  return grants.find(({ grantType }) => grantType === name)?.about ?? ''
}

function fieldCells({ name, type, isRequired, values, about }: Field): readonly string[] {
  const allowed = values === undefined ? '' : ` Allowed: ${codes(values)}.`
  return [code(name), type ?? 'string', isRequired === true ? 'yes' : 'no', about + allowed]
}

function byStatus({ answers }: EndpointReference): readonly Answer[] {
  return answers.toSorted((one, other) => one.status - other.status)
}

function answerCells({ status, mediaType, error, about, headers = [] }: Answer): readonly string[] {
  const name = error === undefined ? '' : code(error)
  return [String(status), mediaType ?? 'none', name, about, codes(headers)]
}

/** The members of each successful answer in JSON. */
function membersOf({ answers }: EndpointReference): readonly string[] {
  return answers.flatMap(({ status, error, fields = [] }) =>
    error !== undefined || fields.length === 0
      ? []
      : [
          `The members of the ${status}:`,
          table(['member', 'type', 'always', 'meaning'], fields.map(fieldCells)),
        ],
  )
}
