import { createHash } from 'node:crypto'
import { ok, refuse, type EpochSeconds, type Result } from '@countersign/jwt'
import { exampleOf } from '../hashing/foreign/example-hash.ts'
import { explainHash } from '../hashing/foreign/explain-hash.ts'
import { workOf } from '../hashing/foreign/foreign-hash.ts'
import { readForeignHash } from '../hashing/foreign/read-foreign-hash.ts'
import { sealHash } from '../hashing/foreign/seal-hash.ts'
import type { Pepper } from '../hashing/password-hasher.ts'
import type { ImportedPassword, ImportedUser } from '../store/port/import-verbs.ts'
import type { UserAccess, UserId } from '../store/port/user-records.ts'
import type { NewName } from '../store/port/user-verbs.ts'
import { explainName } from '../users/explain-name.ts'
import { foldName } from '../users/fold-name.ts'
import type { SourceName, SourceProblem, SourceUser } from '../users/import/source-user.ts'
import { readProfile } from '../users/profile.ts'

interface JudgeDeps {
  readonly pepper: Pepper
  readonly now: EpochSeconds
  readonly randomBytes: (length: number) => Uint8Array
}

/** Units: letters. */
const idLengthMax = 128

type Judged<T> = Result<T, readonly SourceProblem[]>

/**
 * Turns a user of a file into one for the database: folds names, judges the profile, seals the hash.
 * Refuses: everything that a user here may not have, by the member of the file.
 * Not checked: the access, which depends on the resources; the strength of the password, which nobody knows.
 */
export function judgeSourceUser(
  source: SourceUser,
  access: readonly UserAccess[],
  { pepper, now, randomBytes }: JudgeDeps,
): Judged<ImportedUser> {
  const names = judgeNames(source.names)
  const profile = readProfile(source.profile)
  const createdAt = judgeMoment(source.createdAt, now)
  const password = judgePassword(source, pepper, randomBytes)
  const id = names.ok ? judgeId(source.id, names.value) : names
  const problems: SourceProblem[] = [id, createdAt, password].flatMap((part) =>
    part.ok ? [] : part.refusal,
  )
  if (!profile.ok)
    problems.push(...profile.refusal.problems.map((sentence) => ({ member: 'profile', sentence })))
  if (!id.ok || !names.ok || !profile.ok || !createdAt.ok || !password.ok) return refuse(problems)
  return ok({
    id: id.value,
    handle: randomBytes(32),
    status: source.isDisabled ? 'disabled' : 'active',
    createdAt: createdAt.value,
    profile: profile.value,
    names: names.value,
    access,
    password: password.value,
  })
}

function problem(member: string, sentence: string) {
  return refuse<readonly SourceProblem[]>([{ member, sentence }])
}

/** Folds the names. Two spellings of one name are one, which is verified where one of them is. */
function judgeNames(names: readonly SourceName[]): Judged<readonly NewName[]> {
  const folded = new Map<string, NewName>()
  const problems: SourceProblem[] = []
  for (const { member, text, isVerified } of names) {
    const name = foldName(text)
    if (!name.ok) problems.push({ member, sentence: explainName(name.refusal) })
    else if (isVerified && name.value.kind !== 'address')
      problems.push({ member, sentence: 'Only a mail address can be verified.' })
    else {
      const before = folded.get(name.value.key)
      folded.set(name.value.key, {
        ...(before ?? name.value),
        isVerified: isVerified || before?.isVerified === true,
      })
    }
  }
  if (problems.length > 0) return refuse(problems)
  if (folded.size === 0)
    return problem(
      '',
      'The user has neither a user name nor a mail address, so nobody can sign in.',
    )
  return ok([...folded.values()])
}

/** Takes the id of the other product, so that tokens keep their `sub`, or derives one that a repeat finds again. */
function judgeId(id: string | undefined, [first]: readonly NewName[]): Judged<UserId> {
  if (id === undefined) {
    const digest = createHash('sha256')
      .update(`imported user ${first?.key ?? ''}`)
      .digest()
    return ok(digest.subarray(0, 16).toString('base64url') as UserId)
  }
  const isLegal = Array.from(id).every((sign) => sign > ' ' && sign <= '~')
  if (id === '' || id.length > idLengthMax || !isLegal)
    return problem('id', `An id has 1 to ${idLengthMax} visible ASCII letters.`)
  return ok(id as UserId)
}

/** Reads seconds or an ISO 8601 text, between 1970 and now. */
function judgeMoment(
  moment: number | string | undefined,
  now: EpochSeconds,
): Judged<EpochSeconds | null> {
  if (moment === undefined) return ok(null)
  const seconds = typeof moment === 'number' ? moment : Math.floor(Date.parse(moment) / 1_000)
  if (!Number.isSafeInteger(seconds) || seconds < 0 || seconds > now)
    return problem(
      'createdAt',
      'The moment must be between 1970 and now: whole seconds, or a text such as 2026-01-31T12:00:00Z.',
    )
  return ok(seconds as EpochSeconds)
}

function judgePassword(
  { hash: text, mustChange }: SourceUser,
  pepper: Pepper,
  randomBytes: (length: number) => Uint8Array,
): Judged<ImportedPassword | null> {
  if (text === undefined) return ok(null)
  const hash = readForeignHash(text)
  if (!hash.ok) return problem('password.hash', explainHash(hash.refusal))
  return ok({
    hash: sealHash(hash.value, pepper.secret, randomBytes),
    pepperId: pepper.id,
    mustChange,
    scheme: hash.value.scheme,
    work: workOf(hash.value),
    example: exampleOf(hash.value),
  })
}
