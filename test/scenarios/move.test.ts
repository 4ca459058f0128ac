import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { createGuard, type Guard } from '@countersign/guard'
import { decodeUnverified } from '@countersign/jwt'
import { expect, onTestFinished, test, vi } from 'vitest'
import { askGuard, manyTokens } from '../faults/drill.ts'
import { startNode, tokensIn, type Tokens } from '../faults/start-node.ts'
import { freePort } from '../free-port.ts'
import { createDatabase } from '../postgres/shared.ts'
import { aFolder, runToEnd, startDev } from './dev.ts'

const sealingKey = randomBytes(32)

/** The environment of a command on the Postgres database. */
function environmentOf(
  url: string,
  key: Uint8Array = sealingKey,
): Readonly<Record<string, string>> {
  return {
    DATABASE_URL: url,
    COUNTERSIGN_KEY_ENCRYPTION_KEY: Buffer.from(key).toString('base64url'),
  }
}

test(
  'a service goes on after its database moved from SQLite to Postgres',
  { timeout: 120_000 },
  async () => {
    const folder = aFolder()
    const file = join(folder, 'data', 'countersign.db')
    const database = await createDatabase()
    onTestFinished(() => database.drop())
    const env = environmentOf(database.url)
    const port = await freePort()

    // Before: tokens of each fate, and a guard elsewhere that follows.
    const before = await startNode(file, { port, sealingKey })
    const guard = createGuard({ issuer: before.origin, audience: `${before.origin}/protected` })
    onTestFinished(() => guard.close())
    await guard.ready()
    const [live, dead, used] = (await manyTokens(before, 3)) as [Tokens, Tokens, Tokens]
    const rotated = await tokensIn(await before.refresh(used))
    expect((await before.revoke(dead.access_token)).status).toBe(200)
    await isRefused(guard, dead)
    const pages = await pageOf(before.origin)
    await before.stop()

    const moved = await runToEnd({ args: ['migrate', '--from', file, '--json'], folder, env })
    expect(moved.code, moved.output).toBe(0)
    const report: unknown = JSON.parse(moved.output)
    expect(report).toMatchObject({ moved: file, rows: { clients: 1, families: 3, revocations: 1 } })

    // After: each token has the fate that it had.
    const after = await startNode(database.url, { port, sealingKey })
    onTestFinished(() => after.stop())
    expect(await pageOf(after.origin)).toEqual(pages)
    expect(await after.ask(live)).toBe(200)
    expect(await after.ask(rotated)).toBe(200)
    expect(await after.ask(dead)).toBe(400)
    const next = await tokensIn(await after.refresh(live))
    await tokensIn(await after.refresh(rotated))
    expect(await after.ask(next)).toBe(200)
    expect((await after.refresh(dead)).status).toBe(200)

    // The guard reads on. A rollback would begin another epoch.
    expect(await askGuard(guard, dead)).toBe('refused')
    expect(await askGuard(guard, live)).toBe('admitted')
    expect((await after.revoke(live.access_token)).status).toBe(200)
    await isRefused(guard, live)
    expect(await askGuard(guard, next)).toBe('admitted')
    expect(await database.sql(`select body from audit where body like '%log_went_back%'`)).toEqual(
      [],
    )

    const verified = await runToEnd({ args: ['audit', 'verify', '--json'], folder, env })
    expect(verified.code, verified.output).toBe(0)
    const { damages, lastSealed }: { damages: unknown; lastSealed: unknown } = JSON.parse(
      verified.output,
    )
    expect(damages).toEqual([])
    expect(lastSealed).not.toBeNull()
  },
)

async function isRefused(guard: Guard, token: Tokens): Promise<void> {
  const check = async () => expect(await askGuard(guard, token)).toBe('refused')
  // A guard that lost its issuer pauses for 15 s at most before it asks again.
  await vi.waitFor(check, { timeout: 25_000, interval: 50 })
}

/** The log of revocations as the service states it, without the moments of the statement. */
async function pageOf(origin: string) {
  const page = await (await fetch(`${origin}/revocations`)).text()
  const decoded = decodeUnverified(page)
  if (!decoded.ok) throw new Error(`not a page: ${page}`)
  const { epoch, epochStart, to, toHash, entries } = decoded.value.claims
  expect(to).toBe(1)
  expect(entries).toHaveLength(1)
  expect(toHash).not.toBe('')
  return { epoch, epochStart, to, toHash, entries }
}

test.each([
  {
    name: 'says that a database moves to Postgres only',
    env: { COUNTERSIGN_KEY_ENCRYPTION_KEY: sealingKey.toString('base64url') },
    says: 'name an empty one with DATABASE_URL',
  },
])('migrate --from $name', async ({ env, says }) => {
  const { code, output } = await runToEnd({ args: ['migrate', '--from', 'countersign.db'], env })
  expect(code).toBe(1)
  expect(output).toContain(says)
})

test('migrate --from refuses another key, a used file and a database with rows, and copies nothing', async () => {
  const folder = aFolder()
  const file = join(folder, 'data', 'countersign.db')
  const database = await createDatabase()
  onTestFinished(() => database.drop())
  const node = await startNode(file, { sealingKey })
  const args = ['migrate', '--from', file]
  const env = environmentOf(database.url)
  const used = await runToEnd({ args, folder, env })
  expect(used).toMatchObject({ code: 1, output: expect.stringContaining('stop the service') })
  await node.stop()
  const another = environmentOf(database.url, randomBytes(32))
  expect(await runToEnd({ args, folder, env: another })).toMatchObject({ code: 1 })
  expect(await database.sql(`select 1 as one from pg_tables where schemaname = 'public'`)).toEqual(
    [],
  )
  expect(await runToEnd({ args, folder, env })).toMatchObject({
    code: 0,
    output: expect.stringMatching(/^moved +\S+\nrows.log_head +1\n/u),
  })
  expect(await runToEnd({ args, folder, env })).toMatchObject({
    code: 1,
    output: expect.stringMatching(/not empty: it has rows in .*clients \(1\)/u),
  })
})

test.each([
  { name: 'no key', environment: {} },
  { name: 'another key', environment: environmentOf('', randomBytes(32)) },
])('migrate --from names the key of a database of dev: $name', async ({ environment }) => {
  const folder = aFolder()
  await (await startDev({ folder })).end()
  const database = await createDatabase()
  onTestFinished(() => database.drop())
  const args = ['migrate', '--from', join(folder, 'data', 'countersign.db')]
  const url = { DATABASE_URL: database.url }
  const refused = await runToEnd({ args, folder, env: { ...environment, ...url } })
  const named = { COUNTERSIGN_KEY_ENCRYPTION_KEY_FILE: join(folder, 'data', 'sealing.key') }
  expect(refused.code).toBe(1)
  expect(refused.output).toContain(`COUNTERSIGN_KEY_ENCRYPTION_KEY_FILE=${Object.values(named)[0]}`)
  const moved = await runToEnd({ args, folder, env: { ...named, ...url } })
  expect(moved.code, moved.output).toBe(0)
})
