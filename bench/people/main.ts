import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { defaults } from '../../packages/server/src/config/defaults.ts'
import { hashesAtOnce } from '../../packages/server/src/hashing/hash-queue.ts'
import { makeMaterial, writeMaterial } from '../jwt/material.ts'
import type { Bench, BenchOptions, Findings } from '../method/bench.ts'
import { benchFolder } from '../method/places.ts'
import { faultText, startBenchPostgres } from '../method/postgres.ts'
import { groupOf } from '../method/result.ts'
import type { Group } from '../method/result.ts'
import { measure } from '../method/rounds.ts'
import type { Effort } from '../method/rounds.ts'
import { measureCheck, measurePage, measureSignIn } from './groups.ts'
import type { PeopleEffort } from './groups.ts'
import { measureManyUsers } from './many-users.ts'
import type { ManyUsers } from './many-users.ts'
import { timeQuietRoute } from './quiet-route.ts'
import type { QuietRoute } from './quiet-route.ts'
import { measureRenewal } from './renewal.ts'
import { factsOf, notes, targetsOf } from './report.ts'

const thorough: PeopleEffort = {
  rounds: 9,
  warmUps: 4,
  signIns: 60,
  pages: 3000,
  checks: 2000,
  renewals: 192,
}
const quick: PeopleEffort = {
  rounds: 3,
  warmUps: 2,
  signIns: 30,
  pages: 600,
  checks: 400,
  renewals: 48,
}

export const bench: Bench = {
  name: 'people',
  title: 'People: sign-in, sessions and many users',
  packages: ['better-auth'],
  run,
}

async function run({ quick: isQuick, only, folder, effort }: BenchOptions): Promise<Findings> {
  const people = isQuick ? quick : thorough
  const missing: string[] = []
  const groups: Group[] = []
  const lanes = hashesAtOnce(availableParallelism(), defaults.hashesRunningMax)
  const parts: readonly (readonly [string, () => Promise<Group>])[] = [
    ['sign-in', () => measureSignIn(folder, people, lanes)],
    ['page', () => measurePage(folder, people)],
    ['check', () => measureCheck(folder, people)],
    ['renewal', () => measureRenewal(folder, people)],
    ['cookie', () => measureCookie(folder, effort)],
  ]
  for (const [name, measurePart] of parts) {
    if (!name.includes(only)) continue
    try {
      groups.push(await measurePart())
    } catch (error) {
      missing.push(`${name}: ${faultText(error)}`)
    }
  }
  let quiet: QuietRoute | undefined
  if ('quiet'.includes(only))
    try {
      quiet = await timeQuietRoute(folder, isQuick ? 3 : 10)
    } catch (error) {
      missing.push(`/protected while users sign in: ${faultText(error)}`)
    }
  const many = 'many'.includes(only) ? await measureMany(folder, isQuick, missing) : []
  return {
    tables: [{ id: 'requests', title: 'Requests of people', note: notes.requests, groups }],
    facts: factsOf(quiet, many),
    targets: targetsOf(groups, quiet, many),
    missing,
  }
}

/** The guard with a token that it has seen before, in a cookie and in a header. */
async function measureCookie(folder: string, effort: Effort): Promise<Group> {
  const file = join(folder, 'cookie.json')
  writeMaterial(file, { ...makeMaterial('ES256', 1), claims: [] })
  const contender = (name: string, place: string, role: 'limit' | 'ours') => ({
    name,
    role,
    module: join(benchFolder, 'people', 'cookie-check.ts'),
    argument: JSON.stringify({ file, place }),
  })
  return groupOf(
    'guard, a repeated token',
    await measure(
      [
        contender('in the Authorization header', 'header', 'limit'),
        contender('in a cookie', 'cookie', 'ours'),
      ],
      effort,
    ),
  )
}

async function measureMany(
  folder: string,
  isQuick: boolean,
  missing: string[],
): Promise<readonly ManyUsers[]> {
  const found: ManyUsers[] = []
  const common = { folder, users: isQuick ? 100_000 : 1_000_000, starts: isQuick ? 1 : 3 }
  let files = 0
  const makeFile = async (): Promise<string> => {
    files += 1
    return join(folder, `many-${files}.sqlite`)
  }
  try {
    found.push(await measureManyUsers({ ...common, name: 'SQLite', makeDatabase: makeFile }))
  } catch (error) {
    missing.push(`many users on SQLite: ${faultText(error)}`)
  }
  const postgres = await startBenchPostgres()
  if ('missing' in postgres) {
    missing.push(postgres.missing)
    return found
  }
  try {
    const { makeDatabase } = postgres
    found.push(await measureManyUsers({ ...common, name: 'Postgres', makeDatabase }))
  } catch (error) {
    missing.push(`many users on Postgres: ${faultText(error)}`)
  } finally {
    await postgres.remove()
  }
  return found
}
