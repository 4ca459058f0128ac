import { ok, refuse, type Result } from '@countersign/jwt'
import type { PasswordHasher } from '../hashing/password-hasher.ts'
import type { NewPassword } from '../store/port/user-verbs.ts'
import { contextWords } from './context-words.ts'
import type { FoldedName } from './folded-name.ts'
import { judgePassword, type PasswordRules, type WeakPassword } from './password-rules.ts'
import { readPassword, type UnreadablePassword } from './read-password.ts'

/** Why a typed text does not become a password. */
export type NewPasswordRefusal =
  | UnreadablePassword
  | WeakPassword
  | { readonly reason: 'hashing_busy'; readonly retryAfterSeconds: number }

/** Reads, judges and hashes a password that a person chooses, for the names of that person. */
export type MakePassword = (
  typed: string,
  names: readonly Pick<FoldedName, 'key' | 'kind'>[],
) => Promise<Result<NewPassword, NewPasswordRefusal>>

/**
 * Makes the maker of passwords that people choose on the pages.
 * Refuses: every reason of `NewPasswordRefusal`.
 */
export function createPasswordMaker(deps: {
  readonly passwords: Pick<PasswordHasher, 'hash'>
  readonly rules: PasswordRules
  readonly issuer: string
}): MakePassword {
  const { passwords, rules, issuer } = deps
  return async (typed, names) => {
    const read = readPassword(typed)
    if (!read.ok) return read
    const judged = judgePassword(read.value, rules, contextWords(names, issuer))
    if (!judged.ok) return judged
    const hashed = await passwords.hash(judged.value)
    if (hashed === undefined) return refuse({ reason: 'hashing_busy', retryAfterSeconds: 1 })
    return ok({ ...hashed, mustChange: false })
  }
}
