import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createOpenapi, templateOf } from '../../packages/server/src/endpoints/openapi.ts'
import { devEndpointTable, endpointTable } from '../../packages/server/src/main/table.ts'
import { startDev, type Run } from '../scenarios/dev.ts'
import { startService, type Service } from '../oauth/service.ts'
import { faultsOfOpenapi } from './openapi-rules.ts'

const options = { issuer: 'https://id.example', version: '1.2.3' }

describe('the OpenAPI document', () => {
  it('follows the rules of OpenAPI 3.1', () => {
    expect(faultsOfOpenapi(createOpenapi(devEndpointTable, options))).toEqual([])
  })

  it('has each endpoint of the table once, under the issuer', () => {
    const document = createOpenapi(endpointTable, options) as {
      readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>
    }
    const listed = Object.entries(document.paths).flatMap(([path, item]) =>
      Object.keys(item).map((method) => `${method.toUpperCase()} ${path}`),
    )
    expect(listed).toEqual(endpointTable.map((row) => `${row.method} ${templateOf(row)}`))
    expect(document).toMatchObject({ servers: [{ url: options.issuer }] })
  })

  it('leaves out an endpoint that the issuer does not offer', () => {
    const plain = createOpenapi(endpointTable, { ...options, issuer: 'http://id.example' })
    expect(JSON.stringify(plain)).not.toContain('/oauth2/decryption-keys')
  })
})

const base = { openapi: '3.1.1', info: { title: 'a', version: '1' }, paths: {} }
const answered = { responses: { 200: { description: 'a' } } }

describe('the rules of OpenAPI 3.1 in this test', () => {
  it.each([
    ['another version', { ...base, openapi: '3.0.3' }, 'openapi'],
    ['no title', { ...base, info: { version: '1' } }, 'info.title'],
    ['a member that no rule knows', { ...base, host: 'a' }, 'host'],
    ['a path without a slash', { ...base, paths: { a: {} } }, 'paths.a'],
    ['a method that is none', { ...base, paths: { '/': { fetch: answered } } }, 'fetch'],
    ['an operation without answers', { ...base, paths: { '/': { get: {} } } }, 'responses'],
    [
      'an answer without a description',
      { ...base, paths: { '/': { get: { responses: { 200: {} } } } } },
      'description',
    ],
    [
      'a reference that leads nowhere',
      {
        ...base,
        paths: { '/': { get: { responses: { default: { $ref: '#/components/responses/a' } } } } },
      },
      '$ref',
    ],
    [
      'a path parameter that is not declared',
      { ...base, paths: { '/{a}': { get: answered } } },
      'parameters',
    ],
    [
      'a security scheme that is not declared',
      { ...base, paths: { '/': { get: { ...answered, security: [{ a: [] }] } } } },
      'security',
    ],
    [
      'two operations with one id',
      {
        ...base,
        paths: {
          '/a': { get: { ...answered, operationId: 'x' } },
          '/b': { get: { ...answered, operationId: 'x' } },
        },
      },
      'operationId',
    ],
    [
      'a type that JSON does not have',
      {
        ...base,
        paths: {
          '/': {
            get: {
              responses: {
                200: { description: 'a', content: { 'a/b': { schema: { type: 'text' } } } },
              },
            },
          },
        },
      },
      'type',
    ],
  ])('find %s', (_, document, place) => {
    const faults = faultsOfOpenapi(document)
    expect(faults).toHaveLength(1)
    expect(faults[0]).toContain(place)
  })
})

describe('the address of the document', () => {
  let run: Run
  let service: Service
  beforeAll(async () => {
    run = await startDev()
    service = await startService()
  })
  afterAll(async () => {
    await run.end()
    await service.close()
  })

  it('gives the document in dev', async () => {
    const issuer = `http://localhost:${run.port}`
    const reply = await fetch(`${issuer}/openapi.json`)
    const document = (await reply.json()) as { readonly info: { readonly version: string } }
    const { version } = document.info
    expect(document).toEqual(createOpenapi(devEndpointTable, { issuer, version }))
    expect(reply.headers.get('content-type')).toBe('application/json')
  })

  it('gives nothing outside of dev', async () => {
    expect((await fetch(`${service.issuer}/openapi.json`)).status).toBe(404)
  })
})
