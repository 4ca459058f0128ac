import { randomBytes } from 'node:crypto'
import { createDatabase } from '../postgres/shared.ts'

/** Where the service of a scenario keeps its state; the environment says it to the service and to each command. */
export interface Place {
  readonly env: Readonly<Record<string, string>>
  readonly drop: () => Promise<void>
}

/** The two databases that every scenario of the service has to end alike on. */
export const places: readonly { readonly name: string; readonly open: () => Promise<Place> }[] = [
  { name: 'SQLite', open: () => Promise.resolve({ env: {}, drop: () => Promise.resolve() }) },
  { name: 'Postgres', open: onPostgres },
]

async function onPostgres(): Promise<Place> {
  const database = await createDatabase()
  const key = randomBytes(32).toString('base64url')
  return {
    env: { DATABASE_URL: database.url, COUNTERSIGN_KEY_ENCRYPTION_KEY: key },
    drop: () => database.drop(),
  }
}
