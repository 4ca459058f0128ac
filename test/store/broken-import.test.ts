import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { EpochSeconds } from '@countersign/jwt'
import { importUsers, type ImportReport } from '../../packages/server/src/admin/import-users.ts'
import { createKeyRing } from '../../packages/server/src/keys/ring.ts'
import { createSeals } from '../../packages/server/src/keys/seal.ts'
import { readerOf } from '../../packages/server/src/users/import/import-sources.ts'
import { databases, randomId, type TestDatabase } from './databases.ts'
import { context } from './records.ts'

const usersInAll = 1_700
const lines = Array.from({ length: usersInAll }, (_, index) =>
  Buffer.from(`{"names":[{"name":"user-${index}"},{"name":"user-${index}@example.org"}]}\n`),
)

/** Gives lines, and fails where the file breaks off. */
async function* linesUpTo(end: number): AsyncGenerator<Uint8Array> {
  yield* lines.slice(0, end)
  if (end < usersInAll) throw new Error('the pipe is broken')
}

describe.each(databases)('an import that breaks off on $name', ({ start }) => {
  let database: TestDatabase
  let importUpTo: (end: number) => Promise<ImportReport>
  beforeAll(async () => {
    database = await start()
    const { store } = database
    const now = () => (Date.now() / 1_000) as EpochSeconds
    const seals = createSeals(randomBytes(32), randomBytes)
    const times = { periodSeconds: 86_400, announceSeconds: 300, leewaySeconds: 60 }
    const ring = createKeyRing({ store: store.keys, seals, times, now, randomId, randomBytes })
    await ring.start()
    importUpTo = async (end) => {
      const outcome = await importUsers(
        {
          chunks: linesUpTo(end),
          reader: readerOf(undefined, { hashConfig: undefined, nowMs: 0 }),
          access: [],
          isDry: false,
          onProblem: ({ sentence }) => {
            throw new Error(sentence)
          },
        },
        { store, ring, seals, now, randomBytes, randomId, audit: context },
      )
      if (!outcome.ok) throw new Error(outcome.refusal.sentence)
      return outcome.value
    }
  })
  afterAll(() => database.close())

  const count = async (table: string) =>
    Number((await database.sql(`select count(*) as n from ${table}`))[0]?.['n'])

  test('keeps whole batches only, and ends the same when it is repeated', async () => {
    await expect(importUpTo(1_234)).rejects.toThrow('the pipe is broken')
    expect(await count('users')).toBe(1_000)
    expect(await count('user_names')).toBe(2_000)
    expect(await importUpTo(usersInAll)).toMatchObject({
      created: 700,
      unchanged: 1_000,
      refused: 0,
    })
    expect(await importUpTo(usersInAll)).toMatchObject({ created: 0, unchanged: 1_700, refused: 0 })
    expect(await count('users')).toBe(usersInAll)
    expect(await count('user_names')).toBe(2 * usersInAll)
    expect(await count('audit')).toBe(
      usersInAll +
        Number(
          (
            await database.sql(
              `select count(*) as n from audit where body not like '%user_imported%'`,
            )
          )[0]?.['n'],
        ),
    )
  })
})
