import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { eventNames } from '../../packages/server/src/audit/log-levels.ts'
import { endpointTable } from '../../packages/server/src/main/table.ts'
import { startNode, tokensIn } from '../faults/start-node.ts'
import { createDatabase } from '../postgres/shared.ts'
import { aFolder } from './dev.ts'

const issuer = 'http://tokens.test'

const databases = [
  ['SQLite', async () => join(aFolder(), 'countersign.db')],
  [
    'Postgres',
    async () => {
      const database = await createDatabase()
      onTestFinished(() => database.drop())
      return database.url
    },
  ],
] as const

test.each(databases)('the first scrape on %s has every counter and gauge', async (_, open) => {
  const database = await open()
  const before = await startNode(database, { issuer })
  const { access_token } = await tokensIn(await before.login())
  expect((await before.revoke(access_token)).status).toBe(200)
  await before.stop()

  const node = await startNode(database, { issuer })
  onTestFinished(() => node.stop())
  const lines = (await (await fetch(`${node.origin}/metrics`)).text()).split('\n')

  const offered = endpointTable.filter(
    ({ isOffered, needsBrowsers }) => isOffered?.(issuer) !== false && needsBrowsers !== true,
  )
  for (const endpoint of [...offered.map(({ path }) => path), 'none'])
    for (const status of ['2xx', '3xx', '4xx', '5xx'])
      for (const name of ['requests_total', 'request_seconds_total'])
        expect(lines).toContain(
          `countersign_http_${name}{endpoint="${endpoint}",status="${status}"} 0`,
        )
  for (const event of eventNames)
    expect(lines.some((line) => line.includes(`{event="${event}",reason="`))).toBe(true)
  expect(lines).toContain(
    'countersign_events_total{event="client_refused",reason="secret_wrong"} 0',
  )
  expect(lines).toContain(
    'countersign_events_total{event="token_refused",reason="scope_not_allowed"} 0',
  )
  expect(lines).toContain('countersign_keys{purpose="feed",state="active"} 1')
  expect(lines).toContain('countersign_revocations_live 1')
})
