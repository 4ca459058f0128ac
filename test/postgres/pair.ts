import { startPostgres, type PostgresServer } from './server.ts'
import { addressOf, ask, primarySettings, promote, rejoin, startStandby } from './standby.ts'

/** Two Postgres servers, of which one follows the other. */
export interface Pair {
  readonly primary: () => PostgresServer
  readonly standby: () => PostgresServer
  /** The address of a database on both, in an order that no failover changes. */
  readonly address: (database: string) => string
  /** Lets the primary answer only when the standby has it too. */
  readonly synchronise: () => Promise<void>
  /** Ends the primary as in a crash and makes the standby the primary. */
  readonly failOver: () => Promise<void>
  /** Makes the former primary a standby of the present one. */
  readonly bringBack: () => Promise<void>
  /** Calls the two the other way round, after a promotion by hand. */
  readonly swap: () => void
  readonly remove: () => Promise<void>
}

/** Starts a primary and a standby of it on the loopback address. */
export async function startPair(): Promise<Pair> {
  let primary = await startPostgres(primarySettings)
  let standby = await startStandby(primary, 'standby')
  const servers = [primary, standby]
  function swap(): void {
    const former = primary
    primary = standby
    standby = former
  }
  return {
    primary: () => primary,
    standby: () => standby,
    address: (database) => addressOf(servers, database),
    async synchronise() {
      await ask(primary.url, `alter system set synchronous_standby_names = '*'`)
      await ask(primary.url, 'select pg_reload_conf()')
      await until(primary, `select 1 from pg_stat_replication where sync_state = 'sync'`)
    },
    async failOver() {
      await primary.stop('immediate')
      await promote(standby)
      swap()
    },
    async bringBack() {
      await standby.stop('immediate')
      await rejoin(standby, primary)
      await until(primary, `select 1 from pg_stat_replication where state = 'streaming'`)
    },
    swap,
    async remove() {
      await standby.remove()
      await primary.remove()
    },
  }
}

async function until({ url }: PostgresServer, question: string): Promise<void> {
  while ((await ask(url, question)).length === 0)
    await new Promise((resolve) => setTimeout(resolve, 20))
}
