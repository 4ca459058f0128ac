/** What a foreign issuer's access tokens look like, stated rather than guessed. */
export interface TokenProfile {
  readonly typ: string | readonly string[]
  /** Claims that must be there beyond `iss`, `aud` and `exp`. */
  readonly require?: readonly string[]
}

/** How the claims say scopes, roles and permissions. A list is a path into nested objects. */
export interface PermissionClaims {
  /** Default: `scope`, one text. A claim of another name, or `scope` under a `profile`, may hold a list. */
  readonly scopes?: string
  /** `roles` unless told otherwise. */
  readonly roles?: string | readonly string[]
  /** `permissions` unless told otherwise. */
  readonly permissions?: string | readonly string[]
}
