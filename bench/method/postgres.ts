import pg from 'pg'
import { startPostgres } from '../../test/postgres/server.ts'

/** A Postgres server of the bench's own, with its default durability. */
export interface BenchPostgres {
  /** The address of a new, empty database. */
  readonly makeDatabase: () => Promise<string>
  readonly remove: () => Promise<void>
}

/** Starts Postgres as the tests do, or returns a sentence where it is missing. */
export async function startBenchPostgres(): Promise<BenchPostgres | { readonly missing: string }> {
  let server: Awaited<ReturnType<typeof startPostgres>>
  try {
    server = await startPostgres()
  } catch (error) {
    return { missing: `the rows on Postgres: ${faultText(error)}` }
  }
  const endWithUs = (): void => {
    process.kill(server.pid(), 'SIGQUIT')
  }
  process.once('exit', endWithUs)
  let databases = 0
  return {
    makeDatabase: async () => {
      databases += 1
      const name = `bench_${databases}`
      const client = new pg.Client({ connectionString: server.url })
      await client.connect()
      await client.query(`create database ${name}`)
      await client.end()
      const url = new URL(server.url)
      url.pathname = `/${name}`
      return url.href
    },
    remove: async () => {
      process.off('exit', endWithUs)
      await server.remove()
    },
  }
}

/** The error in one line. */
export function faultText(error: unknown): string {
  return error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error)
}
