import { randomBytes } from 'node:crypto'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { settings } from '../../packages/server/src/config/settings.ts'
import { freePort } from '../free-port.ts'
import { aFolder, runToEnd } from './dev.ts'

const given = {
  COUNTERSIGN_ISSUER: 'https://id.example',
  COUNTERSIGN_KEY_ENCRYPTION_KEY: randomBytes(32).toString('base64url'),
}

// Nothing here comes to the point where the databases differ, so there is one side only.
describe('the configuration of serve', () => {
  it('refuses to start without issuer and key, naming both at once', async () => {
    const { code, output } = await runToEnd({ args: ['serve'] })
    expect(code).toBe(1)
    expect(output).toContain('COUNTERSIGN_ISSUER is missing')
    expect(output).toContain('COUNTERSIGN_KEY_ENCRYPTION_KEY is missing')
  })

  it('refuses to start under an address that this machine does not have', async () => {
    const env = { ...given, HOST: '203.0.113.5' }
    const { code, output } = await runToEnd({ args: ['serve'], env })
    expect({ code, output }).toEqual({
      code: 1,
      output: expect.stringMatching(/\n[^\n{]+HOST\.\n$/u),
    })
  })

  it('is refused with one list of its problems, and the claims module is not loaded', async () => {
    const folder = aFolder()
    writeFileSync(join(folder, 'countersign.toml'), 'port = "http"\n[server]\nhost = "::"\n')
    const { code, output } = await runToEnd({
      args: ['serve', '--claims-module', 'claims.mjs', '--trusted-issuers', 'trusted.json'],
      folder,
      env: { PORT: '', COUNTERSIGN_ISSUER: 'http://id.example', COUNTERSIGN_PROXIES: 'nginx' },
    })
    expect(code).toBe(1)
    expect(output.trim().split('\n')).toEqual([
      expect.stringContaining('server in countersign.toml is no setting'),
      expect.stringContaining('countersign.toml (port) must be a port'),
      expect.stringContaining('COUNTERSIGN_PROXIES must be addresses or ranges'),
      expect.stringContaining('COUNTERSIGN_ISSUER is no https address'),
      expect.stringContaining('COUNTERSIGN_KEY_ENCRYPTION_KEY is missing'),
      expect.stringContaining('trusted.json cannot be read'),
    ])
  })

  it('is refused with the claims module that cannot be loaded, once the rest is in order', async () => {
    const args = ['serve', '--claims-module', 'claims.mjs']
    const { code, output } = await runToEnd({ args, env: given })
    expect(code).toBe(1)
    expect(output).toContain('claims.mjs cannot be loaded')
  })

  it('is refused with the line where a toml file ceases to be one', async () => {
    const folder = aFolder()
    writeFileSync(join(folder, 'countersign.toml'), 'port = 1\nhost 5\n')
    const { code, output } = await runToEnd({ args: ['serve'], folder, env: given })
    expect(code).toBe(1)
    expect(output).toBe('countersign.toml is no toml at line 2: correct it, or move it away.\n')
  })

  it('takes every setting with a flag from serve and shows it in config print', async () => {
    const withFlag = settings.filter(({ flag }) => flag !== undefined)
    const help = await runToEnd({ args: ['serve', '--help'] })
    for (const { flag } of withFlag) expect(help.output).toContain(`--${flag}`)
    const { output } = await runToEnd({ args: ['config', 'print', '--json', '--feed', 'closed'] })
    expect(JSON.parse(output)).toMatchObject({
      settings: expect.arrayContaining([{ name: 'feed', value: 'closed', origin: '--feed' }]),
    })
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
    ['PORT', {}, 'http://localhost:'],
    ['the issuer', { COUNTERSIGN_ISSUER: 'http://127.0.0.1:1' }, 'http://127.0.0.1:1 does not'],
  ])('asks for a token where %s says', async (_, more, says) => {
    const port = await freePort()
    const env = { COUNTERSIGN_CLIENT_SECRET: 'x', ...more }
    const { code, output } = await runToEnd({ args: ['token', '--client', 'a'], port, env })
    expect({ code, output }).toEqual({ code: 1, output: expect.stringContaining(says) })
    expect(output.includes(String(port))).toBe(!('COUNTERSIGN_ISSUER' in more))
  })

  it.each([
    [['backup', '/sys/countersign/monday.db'], {}, 'no folder /sys/countersign'],
    [['backup', '/proc/monday.db'], {}, 'monday.db'],
    [['restore', '.'], {}, '. cannot be copied'],
    [['restore', 'tuesday.db'], {}, 'tuesday.db'],
    [['token', '--client', 'shop'], { COUNTERSIGN_CLIENT_SECRET_FILE: 'nothing' }, 'nothing'],
  ] as const)('%s with a file that cannot be had is one sentence', async (args, more, says) => {
    const folder = aFolder()
    const env = { ...given, ...more }
    // The files to copy are there.
    if (args[0] === 'backup') await runToEnd({ args: ['migrate'], folder, env })
    const { code, output } = await runToEnd({ args, folder, env })
    expect({ code, output }).toEqual({ code: 1, output: expect.stringMatching(/^[^\n]+\n$/u) })
    expect(output).toContain(says)
  })

  it.each([
    ['revoke', 'issuer', '--yes'],
    ['revoke', 'token', 'a'],
    ['keys', 'rotate', '--force'],
    ['clients', 'list'],
    ['audit', 'verify'],
  ])('does not begin a database of its own to say %s %s', async (...args) => {
    const folder = aFolder()
    const { code, output } = await runToEnd({ args, folder, env: given })
    expect({ code, output }).toEqual({ code: 1, output: expect.stringContaining('no database') })
    expect(existsSync(join(folder, 'data'))).toBe(false)
  })

  it.each([
    ['an unknown command', ['nonsense'], 2],
    ['an unknown option', ['clients', 'list', '--loud'], 2],
    ['help', ['help'], 0],
    ['help and a command', ['help', 'clients', 'add'], 0],
    ['help about one command', ['dev', '--help'], 0],
  ])('ends %s with its code', async (_, args, code) => {
    const ended = await runToEnd({ args })
    expect(ended.code).toBe(code)
    expect(ended.output).not.toContain('    at ')
  })
})
