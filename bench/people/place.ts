import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { benchFolder } from '../method/places.ts'
import { startServer } from '../method/server.ts'
import type { RunningServer, ServerSpec } from '../method/server.ts'
import { peoplePassword } from './seed.ts'
import type { PeopleSeed } from './seed.ts'

/** The email address of the one user of the peer. */
export const peerEmail = 'person@client.example'

/** Our service on a database, with the facts that it was given. */
export interface PeopleServer {
  readonly server: RunningServer
  readonly origin: string
  readonly database: string
  readonly seed: PeopleSeed
}

/** The command of our service. Without a seed file it opens a database that a former start has filled. */
export function peopleSpec(options: {
  readonly folder: string
  readonly database: string
  readonly sealingKey: string
  readonly seedFile?: string
  readonly users?: number
}): ServerSpec {
  const { folder, database, sealingKey, seedFile = '', users = 1 } = options
  return {
    runtime: 'node',
    file: join(benchFolder, 'people', 'ours.ts'),
    readyPath: '/livez',
    logFile: join(folder, 'service.log'),
    env: {
      DATABASE: database,
      SEALING_KEY: sealingKey,
      SEED: seedFile,
      USERS: String(users),
    },
  }
}

/** A fresh key for the secrets of a database. */
export function makeSealingKey(): string {
  return randomBytes(32).toString('base64url')
}

/** Starts our service with a SQLite file of its own. */
export async function startPeople(
  name: string,
  folder: string,
  users: number,
): Promise<PeopleServer> {
  const database = join(folder, `${name}.sqlite`)
  const seedFile = join(folder, `${name}.json`)
  const sealingKey = makeSealingKey()
  const server = await startServer(
    peopleSpec({ folder, database, sealingKey, seedFile, users }),
    startSecondsMax,
  )
  const seed: PeopleSeed = JSON.parse(readFileSync(seedFile, 'utf8'))
  return { server, origin: `http://127.0.0.1:${server.port}`, database, seed }
}

/** Starts better-auth with one user, with or without its cache of the session in a cookie. */
export function startBetterAuth(folder: string, cookieCache: boolean): Promise<RunningServer> {
  return startServer(
    {
      runtime: 'node',
      file: join(benchFolder, 'peers', 'people', 'better-auth.ts'),
      logFile: join(folder, 'better-auth.log'),
      env: {
        EMAIL: peerEmail,
        PASSWORD: peoplePassword,
        ...(cookieCache ? { COOKIE_CACHE: 'on' } : {}),
      },
    },
    startSecondsMax,
  )
}

/** A busy machine takes longer to start a service from sources. */
const startSecondsMax = 60
