import { clientMethods } from '../clients/methods.ts'
import type { WayReference } from '../clients/method.ts'
import { edgeAnswers, type EdgeAnswer } from '../http/edge-replies.ts'
import type { Field } from '../http/field.ts'
import type { EndpointRow } from './endpoint.ts'
import { refusal, type Answer, type EndpointReference, type RequestBody } from './reference.ts'

/** The rows of the table as this document needs them. */
export type DescribedRow = Pick<EndpointRow<never>, 'method' | 'path' | 'reference' | 'isOffered'>

interface OpenapiOptions {
  readonly issuer: string
  readonly version: string
}

/**
 * Makes the OpenAPI document of a table of endpoints. Pure.
 * Not checked: headers of CORS, and answers to HEAD and OPTIONS, which the edge makes.
 * Source: OpenAPI 3.1.1 §4.8.
 */
export function createOpenapi(
  rows: readonly DescribedRow[],
  { issuer, version }: OpenapiOptions,
): object {
  const offered = rows.filter(({ isOffered }) => isOffered?.(issuer) !== false)
  const paths: Record<string, Record<string, object>> = {}
  for (const row of offered) {
    const path = templateOf(row)
    paths[path] = { ...paths[path], [row.method.toLowerCase()]: operationOf(row) }
  }
  return {
    openapi: '3.1.1',
    info: { title: 'Countersign', version },
    servers: [{ url: issuer }],
    paths,
    components: {
      securitySchemes: securitySchemes(),
      responses: { edge: edgeResponse() },
    },
  }
}

/** The path of a row, with the name of its parameter in place of `*`. */
export function templateOf({ path, reference }: DescribedRow): string {
  const parameter = reference.parameters?.find((one) => one.in === 'path')
  return parameter === undefined ? path : path.replace('*', `{${parameter.name}}`)
}

function operationOf({ method, path, reference }: DescribedRow): object {
  const { summary, parameters = [], body } = reference
  const words = path.split(/[^a-z0-9]+/u).filter((word) => word !== '')
  return {
    operationId: [method.toLowerCase(), ...words].join('-'),
    summary,
    ...(parameters.length === 0 ? undefined : { parameters: parameters.map(parameterOf) }),
    ...(body === undefined ? undefined : { requestBody: bodyOf(body, reference) }),
    ...securityOf(reference),
    responses: {
      ...responsesOf(reference.answers),
      default: { $ref: '#/components/responses/edge' },
    },
  }
}

function parameterOf(field: NonNullable<EndpointReference['parameters']>[number]): object {
  const { name, about: description, isRequired: required = false } = field
  return { name, in: field.in, description, required, schema: schemaOf(field) }
}

/** The schema of a body. A form of a client has the parameters of each way to authenticate by the form. */
function bodyOf({ mediaType, kinds }: RequestBody, reference: EndpointReference): object {
  const shared = waysOf(reference).flatMap(({ fields }) => fields)
  const schemas = kinds.map(({ name, fields }) => ({
    ...(name === undefined ? undefined : { title: name }),
    ...objectOf([...shared, ...fields], fields),
  }))
  const [only] = schemas
  const schema = schemas.length === 1 ? only : { oneOf: schemas }
  return { required: true, content: { [mediaType]: { schema } } }
}

/** The ways in which a client may authenticate at an endpoint. */
export function waysOf({ authentication }: EndpointReference): readonly WayReference[] {
  if (authentication !== 'all' && authentication !== 'proving') return []
  return clientMethods
    .filter(({ proves }) => proves || authentication === 'all')
    .flatMap(({ ways }) => ways)
}

/** Why an empty requirement: the parameters of a form are no security scheme of OpenAPI. */
function securityOf(reference: EndpointReference): object {
  const ways = waysOf(reference)
  if (ways.length > 0) {
    const schemes = ways.filter(({ scheme }) => scheme !== undefined)
    return { security: [...schemes.map(({ name }) => ({ [name]: [] })), {}] }
  }
  if (reference.authentication === undefined) return { security: [] }
  const token = [{ bearer: [] }, { dpop: [] }]
  return { security: reference.authentication === 'token' ? token : [{}, ...token] }
}

function securitySchemes(): object {
  const ways = clientMethods.flatMap((method) => method.ways)
  const named = ways.flatMap(({ name, scheme, about: description }) =>
    scheme === undefined ? [] : [[name, { type: 'http', scheme, description }] as const],
  )
  return {
    ...Object.fromEntries(named),
    bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
    dpop: { type: 'http', scheme: 'dpop', description: 'A token with a proof of its key.' },
  }
}

/** The answers by status. A status that the edge uses too has the codes of both. */
function responsesOf(answers: readonly Answer[]): Readonly<Record<string, object>> {
  const responses: Record<string, object> = {}
  for (const status of new Set(answers.map((answer) => answer.status))) {
    const edge = edgeRows().filter((answer) => answer.status === status)
    responses[String(status)] = responseOf([
      ...answers.filter((answer) => answer.status === status),
      ...edge,
    ])
  }
  return responses
}

function responseOf(answers: readonly Answer[]): object {
  const headers = new Set(answers.flatMap(({ headers: named = [] }) => named))
  const content = contentOf(answers)
  return {
    description: [...new Set(answers.map(({ about }) => about))].join(' '),
    ...(headers.size === 0
      ? undefined
      : {
          headers: Object.fromEntries(
            [...headers].map((name) => [name, { schema: { type: 'string' } }]),
          ),
        }),
    ...(Object.keys(content).length === 0 ? undefined : { content }),
  }
}

function contentOf(answers: readonly Answer[]): Readonly<Record<string, object>> {
  const content: Record<string, object> = {}
  for (const mediaType of new Set(answers.flatMap((answer) => answer.mediaType ?? []))) {
    const here = answers.filter((answer) => answer.mediaType === mediaType)
    const lists = here.flatMap(({ fields }) => (fields === undefined ? [] : [fields]))
    const isOpen = here.some(({ hasMoreFields }) => hasMoreFields === true)
    const all = merged(lists)
    const schema = lists.length === 0 ? { type: 'string' } : objectOf(all, all, isOpen)
    content[mediaType] = { schema }
  }
  return content
}

/** Joins the members of answers with one status. A member is required where every answer has it. */
function merged(lists: readonly (readonly Field[])[]): readonly Field[] {
  const names = new Set(lists.flatMap((fields) => fields.map(({ name }) => name)))
  return [...names].flatMap((name) => {
    const same = lists.flatMap((fields) => fields.filter((field) => field.name === name))
    const [first] = same
    if (first === undefined) return []
    const { isRequired: _, values: __, ...field } = first
    const isRequired = same.length === lists.length && same.every((one) => one.isRequired === true)
    const values = [...new Set(same.flatMap((one) => one.values ?? []))]
    return {
      ...field,
      ...(isRequired ? { isRequired } : undefined),
      ...(values.length === 0 ? undefined : { values }),
    }
  })
}

/** Makes the schema of an object. Only the members of `own` can be required. */
function objectOf(fields: readonly Field[], own: readonly Field[], isOpen = false): object {
  const required = own.filter(({ isRequired }) => isRequired === true).map(({ name }) => name)
  const properties: Record<string, object> = {}
  for (const field of fields)
    properties[field.name] ??= { ...schemaOf(field), description: field.about }
  return {
    type: 'object',
    properties,
    ...(required.length === 0 ? undefined : { required: [...new Set(required)] }),
    ...(isOpen ? { additionalProperties: true } : undefined),
  }
}

function schemaOf({ type, values }: Field): object {
  return {
    type: type ?? 'string',
    ...(values === undefined ? undefined : { enum: values }),
    ...(type === 'array' ? { items: {} } : undefined),
  }
}

function edgeResponse(): object {
  return { ...responseOf(edgeRows()), description: 'The answers that every path may have.' }
}

/** The answers of the edge as answers of an endpoint. */
function edgeRows(): readonly Answer[] {
  const rows: readonly EdgeAnswer[] = Object.values(edgeAnswers)
  return rows.map(({ status, error, about }) => ({
    ...refusal(status, error, about, status >= 500 ? [requestId] : []),
    headers: [],
  }))
}

const requestId: Field = {
  name: 'request_id',
  about: 'The id of the request in the log.',
  isRequired: true,
}
