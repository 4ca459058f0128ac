import { randomBytes } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it } from 'vitest'
import { aFolder, runToEnd, startProgram } from './dev.ts'

const key = { COUNTERSIGN_KEY_ENCRYPTION_KEY: randomBytes(32).toString('base64url') }
const served = { ...key, COUNTERSIGN_ISSUER: 'https://id.example', HOST: '127.0.0.1' }

describe('countersign token', () => {
  const secret = { COUNTERSIGN_CLIENT_SECRET: 'never to be sent' }
  const toml = 'issuer = "https://elsewhere.invalid"\n'
  it.each([
    ['an issuer of a file in the present folder', toml, [], '--issuer https://elsewhere.invalid'],
    ['plain http to another machine', '', ['--issuer', 'http://elsewhere.invalid'], 'no https'],
    [
      'plain http that only the file allows',
      'plainHttpIssuerUnsafe = "elsewhere.invalid"\n',
      ['--issuer', 'http://elsewhere.invalid'],
      'no https',
    ],
  ])('sends no secret to %s', async (_, file, flags, says) => {
    const folder = aFolder()
    writeFileSync(join(folder, 'countersign.toml'), file)
    const args = ['token', '--client', 'shop', ...flags]
    const { code, output } = await runToEnd({ args, folder, env: secret })
    expect([code, output]).toEqual([1, expect.stringContaining(says)])
  })

  it('sends it where the command names the address', async () => {
    const args = ['token', '--client', 'shop', '--issuer', 'https://elsewhere.invalid']
    const { output } = await runToEnd({ args, env: secret })
    expect(output).toContain('does not answer')
  })
})

describe('a database path that is none of ours', () => {
  const modeOf = (file: string) => (statSync(file).mode & 0o777).toString(8)
  it.each([
    ['a text', (file: string) => writeFileSync(file, 'important notes\n'.repeat(100))],
    [
      'a database of another program',
      (file: string) => {
        const other = new DatabaseSync(file)
        other.exec('create table notes (text)')
        other.close()
      },
    ],
  ])('%s keeps its mode, and its journal', async (_, make) => {
    const folder = aFolder()
    const file = join(folder, 'other')
    make(file)
    chmodSync(file, 0o644)
    const env = { ...key, DATABASE_URL: file }
    expect((await runToEnd({ args: ['migrate'], folder, env })).code).toBe(1)
    expect(modeOf(file)).toBe('644')
    expect(existsSync(`${file}-wal`)).toBe(false)
  })

  it('an empty file behind a link is not taken', async () => {
    const folder = aFolder()
    writeFileSync(join(folder, 'target'), '', { mode: 0o644 })
    symlinkSync(join(folder, 'target'), join(folder, 'link'))
    const env = { ...key, DATABASE_URL: join(folder, 'link') }
    expect((await runToEnd({ args: ['migrate'], folder, env })).code).toBe(1)
    expect(modeOf(join(folder, 'target'))).toBe('644')
    expect(statSync(join(folder, 'target')).size).toBe(0)
  })
})

it('the claims module runs only under a configuration that is in order', async () => {
  const folder = aFolder()
  const mark = join(folder, 'ran')
  writeFileSync(
    join(folder, 'claims.mjs'),
    `import { writeFileSync } from 'node:fs'
writeFileSync(${JSON.stringify(mark)}, '')
export const addClaims = () => ({})`,
  )
  writeFileSync(join(folder, 'countersign.toml'), 'claimsModule = "claims.mjs"\nport = 0\n')
  const refused = await runToEnd({ args: ['serve'], folder, env: { ...served, PORT: '' } })
  expect(refused.code).toBe(1)
  expect(existsSync(mark)).toBe(false)
})

it('serve warns of a data folder that others may write into', { timeout: 60_000 }, async () => {
  const folder = aFolder()
  mkdirSync(join(folder, 'data'))
  chmodSync(join(folder, 'data'), 0o777)
  const run = await startProgram({ args: ['serve'], folder, env: served })
  await expect
    .poll(run.output, { timeout: 20_000 })
    .toContain('Other users can write into the data folder')
  await run.end()
})

it('serve warns of a key file that others can read', { timeout: 60_000 }, async () => {
  const folder = aFolder()
  writeFileSync(join(folder, 'kek'), key.COUNTERSIGN_KEY_ENCRYPTION_KEY)
  chmodSync(join(folder, 'kek'), 0o644)
  const { COUNTERSIGN_KEY_ENCRYPTION_KEY: _, ...rest } = served
  const env = { ...rest, COUNTERSIGN_KEY_ENCRYPTION_KEY_FILE: join(folder, 'kek') }
  const run = await startProgram({ args: ['serve'], folder, env })
  await expect
    .poll(run.output, { timeout: 20_000 })
    .toContain('Other users can read the file of a secret: set mode 0600.')
  await run.end()
})

it(
  'serve listens on both loopback addresses where none is named',
  { timeout: 60_000 },
  async () => {
    const { HOST: _, ...env } = served
    const run = await startProgram({ args: ['serve'], env })
    await expect.poll(run.output, { timeout: 20_000 }).toContain('ready.')
    const hasIpv6 = Object.values(networkInterfaces()).some((all) =>
      all?.some(({ address }) => address === '::1'),
    )
    const names = hasIpv6 ? ['127.0.0.1', '[::1]'] : ['127.0.0.1']
    for (const name of names)
      expect((await fetch(`http://${name}:${run.port}/livez`)).status).toBe(200)
    await run.end()
  },
)

it('a curve without keys that are kept here is refused, not ignored', async () => {
  const args = ['resources', 'add', 'https://api.test', '--encryption-curve', 'P-256']
  const { code, output } = await runToEnd({ args, env: key })
  expect([code, output]).toEqual([1, expect.stringContaining('--encrypt managed')])
})
