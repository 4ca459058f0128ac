type Json = Readonly<Record<string, unknown>>

/**
 * Lists the faults of a document under the rules of OpenAPI that this project uses, as `place: fault`.
 * Not checked: members of OpenAPI that this project does not use; each of them counts as a fault.
 * Source: OpenAPI 3.1.1 §4.8.
 */
export function faultsOfOpenapi(document: object): readonly string[] {
  const faults: string[] = []
  const fault = (place: string, text: string): void => void faults.push(`${place}: ${text}`)
  const root = membersOf(document)
  const operationIds = new Set<string>()
  const components = membersOf(root['components'])

  function only(place: string, node: Json, allowed: readonly string[]): void {
    for (const name of Object.keys(node))
      if (!allowed.includes(name)) fault(`${place}.${name}`, 'no rule knows this member')
  }
  function needText(place: string, value: unknown): void {
    if (typeof value !== 'string' || value === '') fault(place, 'must be a text')
  }

  only('document', root, ['openapi', 'info', 'servers', 'paths', 'components'])
  if (!/^3\.1\.\d+$/u.test(String(root['openapi']))) fault('openapi', 'must be 3.1')
  const info = membersOf(root['info'])
  for (const name of ['title', 'version']) needText(`info.${name}`, info[name])
  for (const server of listOf(root['servers'])) needText('servers.url', membersOf(server)['url'])
  for (const [path, item] of Object.entries(membersOf(root['paths']))) {
    if (!path.startsWith('/')) fault(`paths.${path}`, 'must begin with a slash')
    for (const [method, operation] of Object.entries(membersOf(item))) {
      const place = `${method} ${path}`
      if (methods.has(method)) checkOperation(place, path, membersOf(operation))
      else fault(place, 'is no method')
    }
  }
  only('components', components, ['securitySchemes', 'responses'])
  for (const [name, scheme] of Object.entries(membersOf(components['securitySchemes']))) {
    const { type, scheme: word } = membersOf(scheme)
    if (type !== 'http') fault(`securitySchemes.${name}`, 'must have the type http')
    needText(`securitySchemes.${name}.scheme`, word)
  }
  for (const [name, response] of Object.entries(membersOf(components['responses'])))
    checkResponse(`components.responses.${name}`, membersOf(response))
  return faults

  function checkOperation(place: string, path: string, operation: Json): void {
    only(place, operation, operationMembers)
    const operationId = textOf(operation['operationId'])
    if (operationId !== '') {
      if (operationIds.has(operationId)) fault(`${place}.operationId`, 'is used twice')
      operationIds.add(operationId)
    }
    checkParameters(place, path, listOf(operation['parameters']).map(membersOf))
    if (operation['requestBody'] !== undefined)
      checkContent(`${place}.requestBody`, membersOf(operation['requestBody'])['content'], true)
    for (const name of listOf(operation['security']).flatMap((one) => Object.keys(membersOf(one))))
      if (membersOf(components['securitySchemes'])[name] === undefined)
        fault(`${place}.security`, `${name} is not declared`)
    const responses = Object.entries(membersOf(operation['responses']))
    if (responses.length === 0) fault(`${place}.responses`, 'must have one answer')
    for (const [status, response] of responses) {
      if (status !== 'default' && !/^[1-5]\d\d$/u.test(status))
        fault(place, `${status} is no status`)
      checkResponse(`${place}.${status}`, membersOf(response))
    }
  }

  function checkParameters(place: string, path: string, parameters: readonly Json[]): void {
    const named = [...path.matchAll(/\{(\w+)\}/gu)].map(([, name = '']) => name)
    const inPath = parameters.filter((one) => one['in'] === 'path')
    if (inPath.map(({ name }) => name).join() !== named.join())
      fault(`${place}.parameters`, 'must be those of the path')
    for (const parameter of parameters) {
      only(`${place}.parameters`, parameter, ['name', 'in', 'description', 'required', 'schema'])
      needText(`${place}.parameters.name`, parameter['name'])
      if (!['path', 'query', 'header'].includes(String(parameter['in'])))
        fault(`${place}.parameters.in`, 'is no place')
      if (parameter['in'] === 'path' && parameter['required'] !== true)
        fault(`${place}.parameters.required`, 'must be true in a path')
      checkSchema(`${place}.parameters`, membersOf(parameter['schema']))
    }
  }

  function checkResponse(place: string, response: Json): void {
    if (response['$ref'] !== undefined) {
      const [, , group = '', name = ''] = textOf(response['$ref']).split('/')
      if (membersOf(components[group])[name] === undefined) fault(`${place}.$ref`, 'leads nowhere')
      return
    }
    only(place, response, ['description', 'headers', 'content'])
    needText(`${place}.description`, response['description'])
    for (const header of Object.values(membersOf(response['headers'])))
      checkSchema(`${place}.headers`, membersOf(membersOf(header)['schema']))
    checkContent(place, response['content'], false)
  }

  function checkContent(place: string, content: unknown, isNeeded: boolean): void {
    const entries = Object.entries(membersOf(content))
    if (isNeeded && entries.length === 0) fault(`${place}.content`, 'must have a media type')
    for (const [mediaType, { schema }] of entries.map(
      ([name, one]) => [name, membersOf(one)] as const,
    )) {
      if (!/^[\w.+-]+\/[\w.+-]+$/u.test(mediaType)) fault(place, `${mediaType} is no media type`)
      checkSchema(`${place}.${mediaType}`, membersOf(schema))
    }
  }

  function checkSchema(place: string, schema: Json): void {
    only(place, schema, schemaMembers)
    const { oneOf, type } = schema
    if (oneOf !== undefined) {
      for (const one of listOf(oneOf)) checkSchema(place, membersOf(one))
      return
    }
    if (!types.has(String(type))) fault(`${place}.type`, `${String(type)} is no type`)
    for (const name of listOf(schema['required']))
      if (membersOf(schema['properties'])[String(name)] === undefined)
        fault(`${place}.required`, `${String(name)} is no property`)
    for (const one of Object.values(membersOf(schema['properties'])))
      checkSchema(place, membersOf(one))
  }
}

const methods: ReadonlySet<string> = new Set(['get', 'put', 'post', 'delete', 'options', 'patch'])
const types: ReadonlySet<string> = new Set(['string', 'integer', 'boolean', 'object', 'array'])
const operationMembers = [
  'operationId',
  'summary',
  'parameters',
  'requestBody',
  'security',
  'responses',
]
const schemaMembers = [
  'type',
  'title',
  'description',
  'enum',
  'items',
  'oneOf',
  'properties',
  'required',
  'additionalProperties',
]

function membersOf(value: unknown): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {}
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
