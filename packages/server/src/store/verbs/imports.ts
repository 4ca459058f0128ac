import type { AuditContext } from '../../audit/events.ts'
import type { ImportedUser, ImportOutcome, ImportVerbs } from '../port/import-verbs.ts'
import type { UserAccess, UserId } from '../port/user-records.ts'
import { all, one, run, undo, type Driver, type Param, type Row, type Verb } from '../port/verb.ts'
import { momentOrNull, text, textOrNull } from './columns.ts'
import { appendToLog, writeAudit, type NewChange } from './log.ts'
import { insertPassword } from './passwords.ts'
import { insertAccess, lockResources } from './user-access.ts'
import { insertName } from './user-names.ts'

/** The verbs that move users in. */
export function importVerbs({ read, write }: Driver): ImportVerbs {
  return {
    judge: (users) => read(() => judgeAll(users)),
    write: (users, audit) => writeUntilJudgedRight(() => write(() => writeAll(users, audit))),
    listExamples: () => read(listExamples),
  }
}

/** More than others sign up with a name of one batch between its two statements. */
const roundsMax = 20

/** Repeats a batch of which somebody took a name meanwhile. */
async function writeUntilJudgedRight(
  writeOnce: () => Promise<readonly ImportOutcome[] | undefined>,
): Promise<readonly ImportOutcome[]> {
  for (let round = 0; round < roundsMax; round += 1) {
    const outcomes = await writeOnce()
    if (outcomes !== undefined) return outcomes
  }
  throw new Error('the names of a batch were taken again and again')
}

function* writeAll(
  users: readonly ImportedUser[],
  audit: AuditContext,
): Verb<readonly ImportOutcome[] | undefined> {
  if (!(yield* lockResources(mergeAccess(users))))
    return users.map(() => ({ outcome: 'no_resource' }))
  const outcomes = yield* judgeAll(users)
  const created = users.filter((_, index) => outcomes[index]?.outcome === 'created')
  // In one order for all callers, so that two of them never wait for each other.
  for (const user of created.toSorted(byId))
    if (!(yield* insertUser(user))) return yield* undo(undefined)
  const names = created
    .flatMap(({ id, names: own }) => own.map((name) => ({ id, name })))
    .toSorted((a, b) => (a.name.key < b.name.key ? -1 : 1))
  for (const { id, name } of names)
    if ((yield* insertName(id, name)) !== undefined) return yield* undo(undefined)
  const changes: NewChange[] = []
  for (const user of created) {
    yield* writeAudit({ event: 'user_imported', userId: user.id }, audit)
    if (user.status === 'disabled') changes.push({ table: 'users', id: user.id })
  }
  yield* appendToLog([], [...changes, ...(yield* noteSchemes(created))])
  return outcomes
}

const insertRow = `insert into users (id, status, version, handle, profile, profile_at, created_at)
  values ($1, $2, 1, $3, $4, {now}, coalesce($5, {now}))
  on conflict (id) do nothing returning id`

function byId(one: ImportedUser, other: ImportedUser): number {
  return one.id < other.id ? -1 : 1
}

/** Inserts a user without names; `false` where another caller did so meanwhile. */
function* insertUser(user: ImportedUser): Verb<boolean> {
  const { id, status, handle, profile, createdAt, access, password } = user
  const row = yield* one(insertRow, id, status, handle, JSON.stringify(profile), createdAt)
  if (row === undefined) return false
  for (const each of access) yield* insertAccess(id, each)
  if (password !== null) yield* insertPassword(id, password, password.scheme)
  return true
}

/** The access of all users together: each resource once, with all scopes. */
function mergeAccess(users: readonly ImportedUser[]): readonly UserAccess[] {
  const scopes = new Map<string, readonly string[]>()
  for (const { audience, scopes: own } of users.flatMap(({ access }) => access))
    scopes.set(audience, [...new Set([...(scopes.get(audience) ?? []), ...own])])
  return [...scopes].map(([audience, merged]) => ({ audience, scopes: merged, roles: [] }))
}

const putScheme = `insert into foreign_schemes (scheme, work, example, imported_at) values ($1, $2, $3, {now})
  on conflict (scheme) do update set imported_at = excluded.imported_at`
const raiseScheme = `update foreign_schemes set work = $2, example = $3 where scheme = $1 and work < $2 returning scheme`
const selectScheme = `select scheme from foreign_schemes where scheme = $1`

/** Keeps the dearest example of each scheme. Gives the changes that each node must read. */
function* noteSchemes(users: readonly ImportedUser[]): Verb<readonly NewChange[]> {
  const dearest = new Map<string, NonNullable<ImportedUser['password']>>()
  for (const { password } of users)
    if (password !== null && (dearest.get(password.scheme)?.work ?? 0) < password.work)
      dearest.set(password.scheme, password)
  const changes: NewChange[] = []
  for (const [scheme, { work, example }] of [...dearest].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    const known = yield* one(selectScheme, scheme)
    yield* run(putScheme, scheme, work, example)
    const raised = yield* one(raiseScheme, scheme, work, example)
    if (known === undefined || raised !== undefined)
      changes.push({ table: 'foreign_schemes', id: scheme })
  }
  return changes
}

function* listExamples(): Verb<readonly string[]> {
  const rows = yield* all(`select example from foreign_schemes order by scheme`)
  return rows.map((row) => text(row, 'example'))
}

interface TakenName {
  readonly owner: UserId | null
  readonly freeAt: ReturnType<typeof momentOrNull>
}

function* judgeAll(users: readonly ImportedUser[]): Verb<readonly ImportOutcome[]> {
  const ids = users.map(({ id }) => id)
  const there = yield* selectIn('select id from users where id', ids)
  const clients = yield* selectIn('select id from clients where id', ids)
  const known = new Set(there.map((row) => text(row, 'id')))
  const ofClients = new Set(clients.map((row) => text(row, 'id')))
  const keys = users.flatMap(({ names }) => names.map(({ key }) => key))
  const taken = new Map<string, TakenName>()
  for (const row of yield* selectIn(takenNames, keys))
    taken.set(text(row, 'key'), {
      owner: textOrNull(row, 'user_id') as UserId | null,
      freeAt: momentOrNull(row, 'free_at'),
    })
  return users.map((user) => judgeOne(user, known, ofClients, taken))
}

// A name that is free again is not taken.
const takenNames = `select key, user_id, free_at from user_names where (user_id is not null or free_at > {now}) and key`

function judgeOne(
  { id, names }: ImportedUser,
  known: ReadonlySet<string>,
  ofClients: ReadonlySet<string>,
  taken: ReadonlyMap<string, TakenName>,
): ImportOutcome {
  for (const { key } of names) {
    const owned = taken.get(key)
    if (owned !== undefined && owned.owner !== id) return { outcome: 'name_taken', key, ...owned }
  }
  if (known.has(id)) return { outcome: 'unchanged' }
  return { outcome: ofClients.has(id) ? 'id_of_client' : 'created' }
}

/** The values of one statement. Fewer are filled up, so that the text of the statement is always the same. */
const valuesMax = 100
const places = Array.from({ length: valuesMax }, (_, index) => `$${index + 1}`).join(', ')

/** Reads the rows whose last named column is among the values. */
function* selectIn(sql: string, values: readonly string[]): Verb<readonly Row[]> {
  const rows: Row[] = []
  for (let start = 0; start < values.length; start += valuesMax) {
    const some: Param[] = values.slice(start, start + valuesMax)
    const filled = [
      ...some,
      ...Array.from({ length: valuesMax - some.length }, () => some[0] ?? ''),
    ]
    rows.push(...(yield* all(`${sql} in (${places})`, ...filled)))
  }
  return rows
}
