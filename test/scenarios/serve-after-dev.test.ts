import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { aFolder, runToEnd, startDev, startProgram } from './dev.ts'

const asServed = { COUNTERSIGN_ISSUER: 'https://id.example', HOST: '127.0.0.1' }

it(
  'serve refuses a folder of dev until the demo client is removed',
  { timeout: 60_000 },
  async () => {
    const folder = aFolder()
    await (await startDev({ folder })).end()
    const key = readFileSync(join(folder, 'data', 'sealing.key'), 'utf8').trim()
    const env = { ...asServed, COUNTERSIGN_KEY_ENCRYPTION_KEY: key }
    const refused = await runToEnd({ args: ['serve'], folder, env })
    expect(refused.code).toBe(1)
    expect(refused.output).toContain('countersign clients remove foo')
    expect((await runToEnd({ args: ['clients', 'remove', 'foo'], folder, env })).code).toBe(0)
    const run = await startProgram({ args: ['serve'], folder, env })
    await expect.poll(run.output, { timeout: 20_000 }).toContain('ready.')
    expect(await run.end()).toBe(0)
  },
)

it('serve takes a client foo with a secret of its own', { timeout: 60_000 }, async () => {
  const folder = aFolder()
  const env = { ...asServed, COUNTERSIGN_KEY_ENCRYPTION_KEY: randomBytes(32).toString('base64url') }
  expect((await runToEnd({ args: ['clients', 'add', 'foo'], folder, env })).code).toBe(0)
  const run = await startProgram({ args: ['serve'], folder, env })
  await expect.poll(run.output, { timeout: 20_000 }).toContain('ready.')
  expect(await run.end()).toBe(0)
})
