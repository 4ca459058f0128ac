/** The stated form of a foreign issuer's access tokens. */
export interface TokenProfile {
  readonly typ: string | readonly string[]
  /** Required claims besides `iss`, `aud` and `exp`. */
  readonly require?: readonly string[]
}

/** The claims with scopes, roles and permissions. A list is a path into nested objects. */
export interface PermissionClaims {
  /** Default: `scope`, one text. A claim of another name, or `scope` under a `profile`, may be a list. */
  readonly scopes?: string
  /** Default: `roles`. */
  readonly roles?: string | readonly string[]
  /** Default: `permissions`. */
  readonly permissions?: string | readonly string[]
}
