import { createOpenapi } from '../../packages/server/src/endpoints/openapi.ts'
import { edgeAnswers } from '../../packages/server/src/http/edge-replies.ts'
import { devEndpointTable } from '../../packages/server/src/main/table.ts'

interface Schema {
  readonly type: string
  readonly enum?: readonly unknown[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly additionalProperties?: boolean
}

interface Response {
  readonly headers?: Readonly<Record<string, unknown>>
  readonly content?: Readonly<Record<string, { readonly schema: Schema }>>
}

interface Document {
  readonly paths: Readonly<
    Record<
      string,
      Readonly<Record<string, { readonly responses: Readonly<Record<string, Response>> }>>
    >
  >
  readonly components: { readonly responses: { readonly edge: Response } }
}

const issuer = 'https://id.example'
const document = createOpenapi(devEndpointTable, { issuer, version: '1' }) as Document

/** Every refusal that the document lists, as `POST /login 400 Missing credentials`. Those of the edge have no path. */
export function documentedRefusals(): readonly string[] {
  const own = devEndpointTable.flatMap(({ method, path, reference }) =>
    reference.answers.flatMap(({ status, error }) =>
      error === undefined ? [] : [`${method} ${path} ${status} ${error}`],
    ),
  )
  const edge = Object.values(edgeAnswers).map(({ status, error }) => `any ${status} ${error}`)
  return [...new Set([...own, ...edge])]
}

/** An answer as it was received. */
export interface Received {
  readonly status: number
  readonly headers: Headers
  readonly text: string
}

/** Lists the differences between an answer and the document. An unlisted status has the answer of the edge. */
export function differences(method: string, path: string, received: Received): readonly string[] {
  const responses = document.paths[path]?.[method.toLowerCase()]?.responses ?? {}
  const response = responses[String(received.status)] ?? document.components.responses.edge
  const [mediaType = ''] = (received.headers.get('content-type') ?? '').split(';')
  const unsent = Object.keys(response.headers ?? {}).filter(
    (name) => alwaysSent.has(name) && !received.headers.has(name),
  )
  if (unsent.length > 0) return unsent.map((name) => `the header ${name} is missing`)
  const content = response.content?.[mediaType]
  if (content === undefined)
    return mediaType === '' && response.content === undefined
      ? []
      : [`${received.status} has the undocumented type ${mediaType}`]
  const { schema } = content
  if (schema.type === 'string') return received.text === '' ? ['the body is empty'] : []
  return differencesOf(schema, JSON.parse(received.text), 'body')
}

/** The documented headers that do not depend on the request. */
const alwaysSent: ReadonlySet<string> = new Set(['Retry-After', 'ETag'])

function differencesOf(schema: Schema, value: unknown, place: string): readonly string[] {
  if (typeOf(value) !== schema.type) return [`${place} is no ${schema.type}`]
  if (schema.enum !== undefined && !schema.enum.includes(value))
    return [`${place} has the undocumented value ${String(value)}`]
  if (schema.properties === undefined) return []
  const members = value as Readonly<Record<string, unknown>>
  const missing = (schema.required ?? []).filter((name) => members[name] === undefined)
  return [
    ...missing.map((name) => `${place}.${name} is missing`),
    ...Object.entries(members).flatMap(([name, member]) => {
      const known = schema.properties?.[name]
      if (known !== undefined) return differencesOf(known, member, `${place}.${name}`)
      return schema.additionalProperties === true ? [] : [`${place}.${name} is undocumented`]
    }),
  ]
}

function typeOf(value: unknown): string {
  if (Array.isArray(value)) return 'array'
  if (Number.isInteger(value)) return 'integer'
  return value === null ? 'null' : typeof value
}
