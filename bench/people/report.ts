import { figure, times } from '../method/figures.ts'
import { rowOf } from '../method/result.ts'
import type { FactTable, Group, Target } from '../method/result.ts'
import { differenceOfRounds } from '../method/statistics.ts'
import type { ManyUsers } from './many-users.ts'
import type { QuietRoute } from './quiet-route.ts'

/** The figures of a run as facts. */
export function factsOf(
  quiet: QuietRoute | undefined,
  many: readonly ManyUsers[],
): readonly FactTable[] {
  return [
    ...(quiet === undefined ? [] : [quietTable(quiet)]),
    ...(many.length === 0 ? [] : [manyTable(many)]),
  ]
}

function quietTable({ p50, p99, idleP99, signInsPerSecond }: QuietRoute): FactTable {
  return {
    title: 'The protected route while users sign in',
    note: notes.quiet,
    columns: ['sign-ins per second', 'p50 ms', 'p99 ms', 'p99 ms without sign-ins'],
    rows: [[signInsPerSecond, p50, p99, idleP99].map(figure)],
  }
}

function manyTable(many: readonly ManyUsers[]): FactTable {
  return {
    title: 'Many users',
    note: notes.many,
    columns: [
      '',
      'users',
      'rows of a sign-in',
      'whole tables read',
      'page p50 ms',
      'page p99 ms',
      'first answer ms, one user',
      'first answer ms',
      'at rest MB, one user',
      'at rest MB',
    ],
    rows: many.map((row) => [
      row.name,
      figure(row.users),
      String(row.rowsOfSignIn),
      row.scans.length === 0 ? 'none' : row.scans.join(', '),
      figure(row.listMillis.p50),
      figure(row.listMillis.p99),
      figure(row.few.readyMillis),
      figure(row.many.readyMillis),
      figure(row.few.restMegabytes),
      figure(row.many.restMegabytes),
    ]),
  }
}

/** The promises and the reached figures. */
export function targetsOf(
  groups: readonly Group[],
  quiet: QuietRoute | undefined,
  many: readonly ManyUsers[],
): readonly Target[] {
  return [
    ...groups.flatMap(groupTargets),
    ...(quiet === undefined ? [] : [quietTarget(quiet)]),
    ...many.flatMap(manyTargets),
  ]
}

/** The most that a request may cost, as a multiple of its limit. */
const ratios: Readonly<Record<string, { readonly what: string; readonly max: number }>> = {
  'sign-in by password': { what: 'of the CPU of a bare argon2id', max: 1.1 },
  'GET /sign-in': { what: 'of the CPU of a bare node:http with the same bytes', max: 1.5 },
  'renewal with rotation': { what: 'of the CPU of a refresh at the token endpoint', max: 1.3 },
}

function groupTargets(group: Group): readonly Target[] {
  const ours = group.rows.find(({ role }) => role === 'ours')
  const limit = group.rows.find(({ role }) => role === 'limit')
  if (ours === undefined || limit === undefined) return []
  const ratio = ratios[group.name]
  const spread = (q1: number, q3: number): string =>
    `half of the rounds lie between ${figure(q1)} and ${figure(q3)}`
  if (ratio !== undefined && ours.toLimit !== undefined) {
    const { median, q1, q3 } = ours.toLimit
    return [
      {
        what: `${group.name}: ${ratio.what}`,
        target: `≤ ${times(ratio.max)}`,
        reached: times(median),
        met: median <= ratio.max,
        reason: spread(q1, q3),
      },
    ]
  }
  if (!group.name.startsWith('guard')) return []
  const { median, q1, q3 } = differenceOfRounds(ours.rounds, rowOf(group, limit.name).rounds)
  return [
    {
      what: `${group.name}: more in a cookie than in the header`,
      target: '≤ 1.00 µs',
      reached: `${figure(median)} µs`,
      met: median <= 1,
      reason: spread(q1, q3),
    },
  ]
}

function quietTarget({ p99, idleP99 }: QuietRoute): Target {
  return {
    what: '/protected while users sign in at half of the rate of the pool: p99',
    target: '< 5.00 ms',
    reached: `${figure(p99)} ms`,
    met: p99 < 5,
    reason: `this is wall-clock time, and other work of the machine shows: without a sign-in it is ${figure(idleP99)} ms`,
  }
}

/** The most that a start and the memory may grow with the users; less is noise of the machine. */
const growthMax = 1.15

function manyTargets({ name, users, rowsOfSignIn, scans, listMillis, few, many }: ManyUsers) {
  const place = `${figure(users)} users on ${name}`
  const start = many.readyMillis / few.readyMillis
  const memory = many.restMegabytes / few.restMegabytes
  const isByKey = rowsOfSignIn <= 3 && scans.length === 0
  const targets: readonly Target[] = [
    {
      what: `${place}: rows that a sign-in reads, each by a key`,
      target: '≤ 3',
      reached: [rowsOfSignIn, ...scans].join(', '),
      met: isByKey,
    },
    {
      what: `${place}: a page of users list, p99`,
      target: '< 50.0 ms',
      reached: `${figure(listMillis.p99)} ms`,
      met: listMillis.p99 < 50,
      reason: `the p50 is ${figure(listMillis.p50)} ms`,
    },
    {
      what: `${place}: first answer after the start, of the time with one user`,
      target: `≤ ${times(growthMax)}`,
      reached: times(start),
      met: start <= growthMax,
      reason: `this is wall-clock time: ${figure(few.readyMillis)} and ${figure(many.readyMillis)} ms`,
    },
    {
      what: `${place}: resident at rest, of the memory with one user`,
      target: `≤ ${times(growthMax)}`,
      reached: times(memory),
      met: memory <= growthMax,
      reason: `${figure(few.restMegabytes)} and ${figure(many.restMegabytes)} MB`,
    },
  ]
  return targets
}

/** The texts of the tables. */
export const notes = {
  requests: `CPU of the server for one request, or of one call in a loop. Ours runs with its defaults on SQLite that syncs to the disk. A sign-in is the form of the sign-in page: it verifies the password, opens a session and makes a signed and encrypted token. Its limit is the same argon2id in a loop, with as many threads as our pool has. The peer better-auth has SQLite in memory, no rate limits, and the same argon2id in place of its own hash. The sign-in page is that of a new browser; its limit repeats the same bytes. The session check is what a proxy asks (\`/session/check\` of ours, \`/get-session\` of the peer). A renewal rotates the session and makes a token; its limit is a refresh with rotation for the same resource, by a client. The guard runs without a server around it, with the same token in each request, and the time includes making the request object.`,
  quiet: `One \`GET /protected\` each 5 ms over kept connections, timed from outside, while users sign in at half of the rate that one after the other reaches. Client, server and hashes share the cores.`,
  many: `The database is filled by SQL: each user has a name, a password and access to one resource. The rows of a sign-in are those of the user, the name and the password, by the plan of the database. A page is 100 users after an id anywhere. A start ends with the first answer. Ours runs from sources here, so compare the two columns only.`,
} as const
