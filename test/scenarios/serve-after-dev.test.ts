import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { aFolder, runToEnd, startDev, startProgram } from './dev.ts'

const asServed = { COUNTERSIGN_ISSUER: 'https://id.example', HOST: '127.0.0.1' }

it(
  'serve refuses a folder of dev until the demo client and the demo user are removed',
  { timeout: 60_000 },
  async () => {
    const folder = aFolder()
    const dev = await startDev({ folder })
    await dev.end()
    const key = readFileSync(join(folder, 'data', 'sealing.key'), 'utf8').trim()
    const env = { ...asServed, COUNTERSIGN_KEY_ENCRYPTION_KEY: key }
    const refused = await runToEnd({ args: ['serve'], folder, env })
    expect(refused.code).toBe(1)
    // The commands of the refusal, in their order.
    const removals = [
      ['users', 'erase', 'demo-user', '--yes'],
      ['resources', 'remove', `http://localhost:${dev.port}/app`],
      ['clients', 'remove', 'foo'],
    ]
    const commands = removals.map((args) => `"countersign ${args.join(' ')}"`)
    expect(refused.output).toContain(`run ${commands.join(', then ')}, or name`)
    for (const args of removals)
      expect(await runToEnd({ args, folder, env })).toMatchObject({ code: 0 })
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

it('serve takes a user wren with a password of its own', { timeout: 60_000 }, async () => {
  const folder = aFolder()
  const env = { ...asServed, COUNTERSIGN_KEY_ENCRYPTION_KEY: randomBytes(32).toString('base64url') }
  expect((await runToEnd({ args: ['users', 'add', 'wren', '--new'], folder, env })).code).toBe(0)
  const run = await startProgram({ args: ['serve'], folder, env })
  await expect.poll(run.output, { timeout: 20_000 }).toContain('ready.')
  expect(await run.end()).toBe(0)
})

it('serve refuses the demo user under another name', { timeout: 60_000 }, async () => {
  const folder = aFolder()
  await (await startDev({ folder })).end()
  const key = readFileSync(join(folder, 'data', 'sealing.key'), 'utf8').trim()
  const env = { ...asServed, COUNTERSIGN_KEY_ENCRYPTION_KEY: key }
  for (const args of [
    ['users', 'names', 'demo-user', '--add', 'heron'],
    ['users', 'names', 'demo-user', '--drop', 'wren'],
  ])
    expect(await runToEnd({ args, folder, env })).toMatchObject({ code: 0 })
  const refused = await runToEnd({ args: ['serve'], folder, env })
  expect(refused.code).toBe(1)
  expect(refused.output).toContain('countersign users erase demo-user --yes')
})
