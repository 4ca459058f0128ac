import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { programsOf, startPageProgram } from './page-programs.ts'
import { rawRequest, type RawAnswer } from './raw-request.ts'
import { startSampleIssuer, type SampleIssuer } from './sample-issuer.ts'

const page = 'guard-many-routes.md'
const programs = programsOf(page)
const scopes = [undefined, 'read', 'read admin'] as const
/** Rows of the page's table: a path, and its status for each of the scopes. */
const rows = readFileSync(join(import.meta.dirname, '../../docs', page), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('| `/'))
  .map((line) => line.split('|').map((cell) => cell.trim().replaceAll('`', '')))
  .map(([, path = '', ...cells]) => ({ path, statuses: cells.slice(0, 3).map(Number) }))

let issuer: SampleIssuer
beforeAll(async () => {
  issuer = await startSampleIssuer()
})
afterAll(() => issuer.close())

it('the page has a program for each adapter', () => {
  expect(programs.map(({ name }) => name.split('.')[0])).toEqual([
    'express',
    'fastify',
    'hono',
    'koa',
    'nest',
    'node',
    'fetch',
  ])
  expect(rows).toHaveLength(4)
})

describe.each(programs)('$name of the page', (program) => {
  let app: Awaited<ReturnType<typeof startPageProgram>>
  beforeAll(async () => {
    app = await startPageProgram(program, issuer.issuer)
  })
  afterAll(() => app.close())

  const ask = (path: string, scope?: string): Promise<RawAnswer> =>
    rawRequest(
      app.origin,
      'GET',
      path,
      scope === undefined ? [] : [`Authorization: Bearer ${issuer.token({ scope })}`],
    )

  it.each(rows)('answers $path as the table says', async ({ path, statuses }) => {
    const answers = await Promise.all(scopes.map((scope) => ask(path, scope)))
    const expected = [...statuses]
    if (program.name === 'nest.ts' && path === '/nowhere') expected[0] = 404
    expect(answers.map(({ status }) => status)).toEqual(expected)
  })

  it('gives the handler its caller', async () => {
    expect((await ask('/orders', 'read')).body).toBe('the orders of alice\n')
  })

  it('refuses a token for another API', async () => {
    const token = issuer.token({ aud: 'https://other.test' })
    const header = `Authorization: Bearer ${token}`
    expect((await rawRequest(app.origin, 'GET', '/orders', [header])).status).toBe(401)
  })

  it.each([
    '/ORDERS',
    '/orders/',
    '//orders',
    '/health/../orders',
    '/health/..;/orders',
    '/%6Frders',
  ])('gives no orders at %s without a token', async (path) => {
    expect((await ask(path)).body).not.toContain('the orders')
  })

  it.each(['/admin/report/', '/ADMIN/report', '/health/../admin/report', '/admin//report'])(
    'gives no report at %s without the scope admin',
    async (path) => {
      expect((await ask(path, 'read')).body).not.toContain('the report')
    },
  )
})
