import { createHash } from 'node:crypto'
import { ok, parseStrictJson, refuse, type Result } from '@countersign/jwt'
import { peppersOf } from '../hashing/ring-peppers.ts'
import type { ImportedUser, ImportOutcome } from '../store/port/import-verbs.ts'
import type { UserAccess } from '../store/port/user-records.ts'
import type { ImportReader } from '../users/import/import-sources.ts'
import { recordBytesMax, type SourceRecord } from '../users/import/source-record.ts'
import type { SourceAccess, SourceProblem, SourceUser } from '../users/import/source-user.ts'
import { judgeSourceUser } from './judge-source-user.ts'
import { refuseOperation, type OperationRefusal, type OperatorDeps } from './operator.ts'
import { nameTaken, readAccess, type WantedAccess } from './user-operator.ts'

/** The file, how it is read, and how far the import goes. */
export interface WantedImport {
  readonly chunks: AsyncIterable<Uint8Array>
  readonly reader: ImportReader
  /** Access that each user gets, next to that in the file. */
  readonly access: readonly WantedAccess[]
  /** Whether everything is judged and nothing is written. */
  readonly isDry: boolean
  readonly onProblem: (problem: SourceProblem & { readonly line: number }) => void
}

/** The counts of an import. */
export interface ImportReport {
  readonly read: number
  readonly created: number
  /** Users whose id is here already. */
  readonly unchanged: number
  readonly refused: number
  /** Created users by the way their password was hashed; `none` for those without. */
  readonly passwords: Readonly<Record<string, number>>
  /** Facts of the file that have no place here, each with the count of users. */
  readonly notImported: Readonly<Record<string, number>>
}

/** Users of one transaction. */
const batchMax = 500
/** Users of one file. */
const usersMax = 5_000_000
/** Names of facts that are counted. An export with more is no export. */
const factsMax = 200

/**
 * Imports the users of a file, in batches of one transaction each. Users with a problem are named and left out. A repeat
 * finds the users that are here by their ids, so an import that was broken off is run again.
 * Refuses: access that no resource has, before it reads; a file of too many users.
 */
export async function importUsers(
  wanted: WantedImport,
  deps: OperatorDeps,
): Promise<Result<ImportReport, OperationRefusal>> {
  const forAll = await readAll(wanted.access, deps)
  if (!forAll.ok) return forAll
  const counts = createCounts()
  const seen = createSeen(deps.randomBytes(16))
  const accessOf = createAccessReader(forAll.value, deps)
  const pepper = peppersOf(deps.ring).current()
  const refuseUser = (line: number, problems: readonly SourceProblem[]) => {
    counts.refused += 1
    for (const problem of problems) wanted.onProblem({ line, ...problem })
  }
  let batch: LinedUser[] = []
  const flush = async () => {
    const full = batch
    batch = []
    if (full.length > 0) await writeBatch(full, wanted, deps, counts, refuseUser)
  }
  for await (const record of wanted.reader.split(wanted.chunks)) {
    counts.read += 1
    if (counts.read > usersMax)
      return refuseOperation('too_many', `A file has ${usersMax} users at most: split it.`)
    const source = readRecord(record, wanted.reader)
    if (!source.ok) {
      refuseUser(record.line, source.refusal)
      continue
    }
    counts.leaveOut(source.value)
    if (source.value.skippedAs !== undefined) continue
    const access = await accessOf(source.value.access)
    const facts = { pepper, now: deps.now(), randomBytes: deps.randomBytes }
    const user = access.ok ? judgeSourceUser(source.value, access.value, facts) : access
    const problems = user.ok ? seen.add(user.value, record.line) : user.refusal
    if (!user.ok || problems.length > 0) refuseUser(record.line, problems)
    else batch.push({ line: record.line, user: user.value })
    if (batch.length >= batchMax) await flush()
  }
  await flush()
  return ok(counts.report())
}

interface LinedUser {
  readonly line: number
  readonly user: ImportedUser
}

function readRecord(
  record: SourceRecord,
  reader: ImportReader,
): Result<SourceUser, readonly SourceProblem[]> {
  if ('fault' in record) return refuse([{ member: '', sentence: record.fault }])
  const parsed = parseStrictJson(record.bytes, { bytesMax: recordBytesMax })
  if (!parsed.ok)
    return refuse([{ member: '', sentence: `The JSON is refused: ${parsed.refusal.reason}.` }])
  return reader.read(parsed.value)
}

async function writeBatch(
  batch: readonly LinedUser[],
  { isDry }: WantedImport,
  { store, audit }: OperatorDeps,
  counts: Counts,
  refuseUser: (line: number, problems: readonly SourceProblem[]) => void,
): Promise<void> {
  const users = batch.map(({ user }) => user)
  const outcomes = isDry
    ? await store.imports.judge(users)
    : await store.imports.write(users, audit)
  for (const [index, { line, user }] of batch.entries()) {
    const outcome = outcomes[index]
    if (outcome === undefined) throw new Error('a user of a batch has no outcome')
    const sentence = sentenceOf(outcome)
    if (sentence !== undefined) refuseUser(line, [{ member: '', sentence }])
    else if (outcome.outcome === 'unchanged') counts.unchanged += 1
    else counts.create(user)
  }
}

/** Says why the database did not take a user. */
function sentenceOf(outcome: ImportOutcome): string | undefined {
  switch (outcome.outcome) {
    case 'created':
    case 'unchanged':
      return undefined
    case 'no_resource':
      return 'A resource was removed meanwhile: run the import again.'
    case 'id_of_client':
      return 'A client has the id of this user.'
    case 'name_taken':
      return nameTaken(outcome).refusal.sentence
  }
}

/** Reads the access of users. Most users of a file have the same, so the last answers are kept. */
function createAccessReader(forAll: readonly UserAccess[], deps: OperatorDeps) {
  const known = new Map<string, Promise<Result<readonly UserAccess[], OperationRefusal>>>()
  const knownMax = 1_000
  return async (
    wanted: readonly SourceAccess[],
  ): Promise<Result<readonly UserAccess[], readonly SourceProblem[]>> => {
    if (wanted.length === 0) return ok(forAll)
    const text = JSON.stringify(wanted)
    if (known.size >= knownMax) known.clear()
    const reading = known.get(text) ?? readAll(wanted.map(inWords), deps)
    known.set(text, reading)
    const access = await reading
    if (!access.ok) return refuse([{ member: 'access', sentence: access.refusal.sentence }])
    const own = new Set(access.value.map(({ audience }) => audience))
    return ok([...access.value, ...forAll.filter(({ audience }) => !own.has(audience))])
  }
}

function inWords({ audience, scopes, roles }: SourceAccess): WantedAccess {
  return { audience, scope: scopes.join(' '), roles: roles.join(' ') }
}

async function readAll(
  wanted: readonly WantedAccess[],
  deps: OperatorDeps,
): Promise<Result<readonly UserAccess[], OperationRefusal>> {
  const all: UserAccess[] = []
  for (const each of wanted) {
    if (all.some(({ audience }) => audience === each.audience))
      return refuseOperation('malformed', `${each.audience} is named twice.`)
    const access = await readAccess(each, deps)
    if (!access.ok) return access
    all.push(access.value)
  }
  return ok(all)
}

/**
 * Remembers the ids and names of a file with their lines, some 50 bytes each.
 * Why 52 bits of a keyed hash: nobody can make two names that only seem to be one.
 */
function createSeen(key: Uint8Array) {
  const lines = new Map<number, number>()
  const markOf = (text: string) => {
    const digest = createHash('sha256').update(key).update(text).digest()
    return digest.readUIntBE(0, 6) * 16 + (digest.readUInt8(6) % 16)
  }
  return {
    add({ id, names }: ImportedUser, line: number): readonly SourceProblem[] {
      const marks = [`id ${id}`, ...names.map((name) => `name ${name.key}`)].map(markOf)
      const before = marks.map((mark) => lines.get(mark))
      const twice = before.flatMap((other, index): readonly SourceProblem[] => {
        const what = index === 0 ? 'id' : `name ${names[index - 1]?.key ?? ''}`
        return other === undefined
          ? []
          : [{ member: '', sentence: `The user of line ${other} has the same ${what}.` }]
      })
      if (twice.length === 0) for (const mark of marks) lines.set(mark, line)
      return twice
    },
  }
}

type Counts = ReturnType<typeof createCounts>

function createCounts() {
  const passwords = new Map<string, number>()
  const notImported = new Map<string, number>()
  let created = 0
  const addTo = (counted: Map<string, number>, name: string) =>
    void counted.set(name, (counted.get(name) ?? 0) + 1)
  const counts = {
    read: 0,
    unchanged: 0,
    refused: 0,
    create({ password }: ImportedUser) {
      created += 1
      addTo(passwords, password?.scheme ?? 'none')
    },
    leaveOut({ leftOut, skippedAs }: SourceUser) {
      for (const fact of skippedAs === undefined ? new Set(leftOut) : [skippedAs])
        addTo(notImported, notImported.size < factsMax || notImported.has(fact) ? fact : 'others')
    },
    report: (): ImportReport => ({
      read: counts.read,
      created,
      unchanged: counts.unchanged,
      refused: counts.refused,
      passwords: inOrder(passwords),
      notImported: inOrder(notImported),
    }),
  }
  return counts
}

function inOrder(counted: ReadonlyMap<string, number>): Readonly<Record<string, number>> {
  return Object.fromEntries([...counted].toSorted(([one], [other]) => (one < other ? -1 : 1)))
}
