import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { sampleOf } from '../refusal.samples.ts'
import { guardReasons } from '../refusal.ts'
import { testIssuer } from '../testing/test-issuer.ts'
import { isProductionProcess } from './environment.ts'
import { createGuard } from './guard.ts'
import type { GuardOptions } from './options.ts'
import { createRefusalWarnings } from './refusal-warnings.ts'

const t = testIssuer()
const bearer = (token: string) => ({ rawHeaders: ['Authorization', `Bearer ${token}`] })

/** Makes a guard whose warnings and console lines are kept. */
function aGuard(options: Partial<GuardOptions> & { readonly inProduction?: boolean } = {}) {
  const { inProduction = false, ...more } = options
  const lines: string[] = []
  const seconds = { now: 0 }
  const console = vi.spyOn(globalThis.console, 'warn').mockImplementation((line: string) => {
    lines.push(line)
  })
  onTestFinished(() => console.mockRestore())
  const { warnings: _, ...trust } = t.options
  const deps = { now: t.clock.now, monotonic: () => seconds.now, isProduction: () => inProduction }
  const guard = createGuard({ ...trust, ...more, deps })
  return { guard, lines, seconds }
}

describe('a guard warns of a refusal', () => {
  it('with what was found and expected, and the page that explains it', async () => {
    const { guard, lines } = aGuard()
    await guard.check(bearer(t.wrongAudience()))
    expect(lines).toEqual([
      'countersign: audience_mismatch: the token is for another-api, this API is test-api (docs/why-was-i-refused.md)',
    ])
  })

  it('once a minute for each reason, and counts the others', async () => {
    const { guard, lines, seconds } = aGuard()
    await Promise.all(Array.from({ length: 50 }, () => guard.check(bearer(t.expired()))))
    await guard.check({ rawHeaders: [] })
    expect(lines).toHaveLength(2)
    seconds.now = 59.9
    await guard.check(bearer(t.expired()))
    expect(lines).toHaveLength(2)
    seconds.now = 60
    await guard.check(bearer(t.expired()))
    await guard.check(bearer(t.expired()))
    expect(lines.slice(2)).toEqual([expect.stringContaining('s ago, and 50 more before (docs/')])
  })

  it('never with its token, or with a part of it', async () => {
    const { guard, lines } = aGuard()
    const tokens = [
      ...t.attackTokens().map(({ token }) => token),
      t.expired(),
      t.wrongKey(),
      t.wrongAudience(),
      t.revoked(),
      t.claimsStale(),
    ]
    await Promise.all(tokens.map((token) => guard.check(bearer(token))))
    const spoken = tokens.flatMap((token) => token.split('.').filter((part) => part.length > 12))
    expect(lines.length).toBeGreaterThan(8)
    const text = lines.join('\n')
    expect(spoken.filter((part) => text.includes(part))).toEqual([])
  })

  it('in one line, even if the sender names itself over several', async () => {
    const { guard, lines } = aGuard()
    await guard.check(bearer(t.token({ aud: 'a\ncountersign: all is well\u001B[2J' })))
    expect(lines).toHaveLength(1)
    for (const control of ['\n', '\u001B']) expect(lines[0]).not.toContain(control)
  })
})

it('an admitted request writes no line and reads no clock of the warnings', async () => {
  const { guard, lines, seconds } = aGuard()
  Object.defineProperty(seconds, 'now', {
    get: () => {
      throw new Error('the clock was read')
    },
  })
  expect((await guard.check(bearer(t.token()))).ok).toBe(true)
  expect(lines).toEqual([])
  await expect(guard.check(bearer(t.expired()))).rejects.toThrow('the clock was read')
})

it('the lines are bounded by the number of reasons', () => {
  const lines: string[] = []
  const warn = createRefusalWarnings(
    (line) => lines.push(line),
    () => 0,
  )
  for (let n = 0; n < 20; n += 1) for (const reason of guardReasons) warn(sampleOf(reason))
  expect(lines).toHaveLength(guardReasons.length)
})

describe('the option warnings', () => {
  const lineOf = async (options: Parameters<typeof aGuard>[0]) => {
    const { guard, lines } = aGuard(options)
    await guard.check({ rawHeaders: [] })
    return lines.length
  }
  it.each<[string, Parameters<typeof aGuard>[0], number]>([
    ['on by default', {}, 1],
    ['off by default in production', { inProduction: true }, 0],
    ['off if the owner says so', { warnings: false }, 0],
    ['on in production if the owner says so', { inProduction: true, warnings: true }, 1],
    ['not on the console if the host has a log', { warnings: () => undefined }, 0],
  ])('%s', async (_, options, count) => {
    expect(await lineOf(options)).toBe(count)
  })

  it('hands each line to the log of the host, in production too', async () => {
    const lines: string[] = []
    const { guard } = aGuard({ inProduction: true, warnings: (line) => void lines.push(line) })
    await guard.check({ rawHeaders: [] })
    expect(lines).toEqual([expect.stringContaining('credential_missing: the request has no token')])
  })

  it('a log that fails changes no answer', async () => {
    const { guard } = aGuard({
      warnings: () => {
        throw new Error('disk full')
      },
    })
    expect(await guard.check({ rawHeaders: [] })).toMatchObject({
      refusal: { reason: 'credential_missing' },
    })
  })
})

const env = (value?: string) => ({ process: { env: { NODE_ENV: value } } })
const deno = (state: string) => ({ permissions: { querySync: () => ({ state }) } })
it.each<[string, Parameters<typeof isProductionProcess>[0], boolean]>([
  ['NODE_ENV=production is production', env('production'), true],
  ['NODE_ENV=test is not', env('test'), false],
  ['no NODE_ENV is not', env(), false],
  ['a runtime without an environment is', {}, true],
  ['Deno that allows the environment is not', { ...env(), Deno: deno('granted') }, false],
  ['Deno that would ask its user is', { ...env(), Deno: deno('prompt') }, true],
])('%s', (_, runtime, expected) => {
  expect(isProductionProcess(runtime)).toBe(expected)
})

it('an environment that may not be read counts as production', () => {
  expect(
    isProductionProcess({
      process: {
        get env(): never {
          throw new Error('no')
        },
      },
    }),
  ).toBe(true)
})
