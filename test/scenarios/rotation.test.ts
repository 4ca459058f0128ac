import { decodeUnverified } from '@countersign/jwt'
import { expect, it, onTestFinished } from 'vitest'
import { ask, logIn } from './ask.ts'
import { runToEnd, startDev } from './dev.ts'
import { places } from './places.ts'

const kidOf = (token: string): string | undefined => {
  const read = decodeUnverified(token)
  return read.ok ? read.value.header.kid : undefined
}

it.each(places)(
  'no live token is refused while keys rotate and one is burnt, on $name',
  { timeout: 120_000 },
  async ({ open }) => {
    const { env, drop } = await open()
    onTestFinished(drop)
    const run = await startDev({ env })
    const { port, folder } = run
    const command = async (...args: readonly string[]) => {
      const { code, output } = await runToEnd({ args: [...args, '--json'], folder, env })
      if (code !== 0) throw new Error(output)
      return JSON.parse(output) as unknown
    }
    const tokens: string[] = []
    const refused: string[] = []
    let opened = 0
    let over = false

    async function visitor(): Promise<void> {
      while (!over) {
        tokens.push(await logIn(port))
        for (const token of tokens.slice(-8)) {
          const headers = { authorization: `Bearer ${token}` }
          const { status } = await ask(port, { path: '/protected', headers })
          if (status === 200) opened += 1
          else refused.push(kidOf(token) ?? 'none')
        }
      }
    }

    const visitors = Array.from({ length: 8 }, visitor)
    const first = kidOf(await logIn(port))
    await command('keys', 'rotate', '--force')
    while (kidOf(await logIn(port)) === first);
    const burnt = String(kidOf(await logIn(port)))
    await command('keys', 'revoke', burnt)
    while (kidOf(await logIn(port)) === burnt);
    const before = tokens.length
    while (tokens.length < before + 50) await new Promise((resolve) => setTimeout(resolve, 10))
    over = true
    await Promise.all(visitors)
    await run.end()

    expect(new Set(tokens.map(kidOf)).size).toBe(3)
    expect(opened).toBeGreaterThan(500)
    expect(new Set(refused)).toEqual(new Set(refused.length === 0 ? [] : [burnt]))
    expect(run.output()).not.toContain('met a fault')
  },
)
