import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { aFolder, runToEnd } from './dev.ts'

// No database is opened here, so there is one side only.
describe('the configuration of serve', () => {
  it('refuses to start without issuer and key, naming both at once', async () => {
    const { code, output } = await runToEnd({ args: ['serve'] })
    expect(code).toBe(1)
    expect(output).toContain('COUNTERSIGN_ISSUER is missing')
    expect(output).toContain('COUNTERSIGN_KEY_ENCRYPTION_KEY is missing')
  })

  it('is shown with its origins and without its secrets', async () => {
    const folder = aFolder()
    writeFileSync(join(folder, 'countersign.toml'), `logLevel = "warn"\n`)
    const { output } = await runToEnd({
      args: ['config', 'print', '--json'],
      folder,
      port: 4711,
      env: { DATABASE_URL: 'postgres://u:hidden@h/d' },
    })
    const { settings } = JSON.parse(output) as {
      settings: { name: string; value: unknown; origin: string }[]
    }
    expect(settings).toEqual(
      expect.arrayContaining([
        { name: 'logLevel', value: 'warn', origin: 'countersign.toml (logLevel)' },
        { name: 'port', value: 4711, origin: 'PORT' },
        { name: 'database', value: '(secret)', origin: 'DATABASE_URL' },
      ]),
    )
    expect(output).not.toContain('hidden')
  })
})

describe('the command line', () => {
  it.each([
    ['an unknown command', ['nonsense'], 2],
    ['an unknown option', ['clients', 'list', '--loud'], 2],
    ['help', ['help'], 0],
    ['help about one command', ['dev', '--help'], 0],
  ])('ends %s with its code', async (_, args, code) => {
    const ended = await runToEnd({ args })
    expect(ended.code).toBe(code)
    expect(ended.output).not.toContain('    at ')
  })
})

describe('what cannot be had is one sentence', () => {
  const folder = aFolder()
  const env = {
    COUNTERSIGN_ISSUER: 'https://id.example',
    COUNTERSIGN_KEY_ENCRYPTION_KEY: randomBytes(32).toString('base64url'),
  }
  const elsewhere = { COUNTERSIGN_DATA_DIR: 'elsewhere' }

  beforeAll(() => runToEnd({ args: ['migrate'], folder, env }))

  it.each([
    [['serve'], { HOST: '203.0.113.5' }, 'HOST.'],
    [['backup', '/sys/countersign/monday.db'], {}, 'monday.db'],
    [['backup', '/proc/countersign/monday.db'], {}, 'monday.db'],
    [['restore', '.'], elsewhere, '. cannot be copied'],
    [['restore', 'tuesday.db'], elsewhere, 'tuesday.db'],
    [['token', '--client', 'shop'], { COUNTERSIGN_CLIENT_SECRET_FILE: 'nothing' }, 'nothing'],
  ] as const)('%s with %o', async (args, more, says) => {
    const { code, output } = await runToEnd({ args, folder, env: { ...env, ...more } })
    expect({ code, output }).toEqual({ code: 1, output: expect.stringMatching(/^[^\n]+\n$/u) })
    expect(output).toContain(says)
  })
})
