import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { programsOf, runPageProgram, startPageProgram } from './page-programs.ts'
import { rawRequest } from './raw-request.ts'
import { startSampleIssuer, type SampleIssuer } from './sample-issuer.ts'

const page = 'from-other-libraries.md'
const programs = programsOf(page)
const servers = programs.filter(({ name }) => !name.startsWith('jsonwebtoken'))
const tokenSecret = 'X3uV9eYbqk0cFJt7pLz2sWm5rHd8nGa1'

/** One token for each row of the page's table. */
const tokens: Readonly<Record<string, (issuer: SampleIssuer) => string | undefined>> = {
  'good, with the scope': ({ token }) => token(),
  none: () => undefined,
  'signature changed': ({ token }) => changeSignature(token()),
  expired: ({ token }) => token({ exp: Math.floor(Date.now() / 1000) - 600 }),
  'for another API': ({ token }) => token({ aud: 'https://other.test' }),
  'of another issuer': ({ token }) => token({ iss: 'https://other.test' }),
  'good, without the scope': ({ token }) => token({ scope: 'write' }),
  'without an expiry': ({ token }) => token({ exp: undefined }),
  'of another type (`typ` is `JWT`, as in an ID token)': ({ token }) => token({}, 'JWT'),
  'for this API and another API': ({ token, audience }) =>
    token({ aud: [audience, 'https://other.test'] }),
}
const table = readFileSync(join(import.meta.dirname, '../../docs', page), 'utf8')
  .split('\n')
  .map((line) => line.split('|').map((cell) => cell.trim()))
  .filter((cells) => cells[1] !== undefined && cells[1] in tokens)
  .map(([, name = '', before, after]) => ({ name, before: Number(before), after: Number(after) }))

let issuer: SampleIssuer
beforeAll(async () => {
  issuer = await startSampleIssuer()
})
afterAll(() => issuer.close())

it('each library has a program before and after, and each token a row', () => {
  const names = ['express-jwt', 'passport-jwt', 'jose', 'jsonwebtoken']
  expect(programs.map(({ name }) => name)).toEqual(
    names.flatMap((name) => [`${name}-before.mjs`, `${name}-after.mjs`]),
  )
  expect(table.map(({ name }) => name)).toEqual(Object.keys(tokens))
})

describe.each(servers)('$name of the page', (program) => {
  let app: Awaited<ReturnType<typeof startPageProgram>>
  beforeAll(async () => {
    app = await startPageProgram(program, issuer.issuer)
  })
  afterAll(() => app.close())

  it.each(table)('a token that is $name', async ({ name, before, after }) => {
    const token = tokens[name]?.(issuer)
    const headers = token === undefined ? [] : [`Authorization: Bearer ${token}`]
    const answer = await rawRequest(app.origin, 'GET', '/orders', headers)
    const expected = program.name.includes('after') ? after : before
    const hasOrders = answer.body.includes('the orders of alice')
    expect([answer.status, hasOrders]).toEqual([expected, expected === 200])
  })
})

describe('jsonwebtoken', () => {
  const [before, after] = programs.filter(({ name }) => name.startsWith('jsonwebtoken'))
  if (before === undefined || after === undefined) throw new Error('the page lacks a program')

  it.each([before, after])(
    '$name reads its own token and refuses a changed one',
    async (program) => {
      const printed = await runPageProgram(program, { TOKEN_SECRET: tokenSecret })
      expect(printed).toBe('ann\nrefused\n')
    },
  )

  it.each([
    ['before', before, after],
    ['after', after, before],
  ])('a token of the program %s is read by the other', async (_, maker, reader) => {
    const env = { TOKEN_SECRET: tokenSecret }
    const signing = { ...maker, text: `${maker.text}console.log(token)\n` }
    const token = (await runPageProgram(signing, env)).trim().split('\n').at(-1) ?? ''
    const reading = { ...reader, text: `${reader.text}console.log(read('${token}'))\n` }
    expect(await runPageProgram(reading, env)).toBe('ann\nrefused\nann\n')
  })
})

/** Changes a letter in the middle of the signature, where each bit counts. */
function changeSignature(token: string): string {
  const at = token.lastIndexOf('.') + 20
  return `${token.slice(0, at)}${token[at] === 'A' ? 'B' : 'A'}${token.slice(at + 1)}`
}
