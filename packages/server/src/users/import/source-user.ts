/** A user as a file of another product describes it, before anything is folded or judged. */
export interface SourceUser {
  /** The id in the other product, which becomes the `sub` of tokens. Absent where the file has none. */
  readonly id?: string | undefined
  readonly names: readonly SourceName[]
  readonly isDisabled: boolean
  /** Seconds since 1970, or an ISO 8601 text. Absent for now. */
  readonly createdAt?: number | string | undefined
  readonly profile: unknown
  /** In one of the spellings that `readForeignHash` knows; absent for no password. */
  readonly hash?: string | undefined
  readonly mustChange: boolean
  readonly access: readonly SourceAccess[]
  /** Why the user has no place here, such as `service accounts`. Absent for a user to be imported. */
  readonly skippedAs?: string | undefined
  /** Facts of the file that have no place here, such as `user_metadata` or `second factors`. */
  readonly leftOut: readonly string[]
}

export interface SourceName {
  /** The member of the file that has the name. */
  readonly member: string
  readonly text: string
  readonly isVerified: boolean
}

export interface SourceAccess {
  readonly audience: string
  readonly scopes: readonly string[]
  readonly roles: readonly string[]
}

/** Why a user of a file is not imported. `member` is the path of the fact, or empty for the whole. */
export interface SourceProblem {
  readonly member: string
  readonly sentence: string
}
