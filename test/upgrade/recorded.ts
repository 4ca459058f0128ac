/** A value of a row. A time is in seconds from the moment of the recording. */
export type RecordedValue =
  | string
  | number
  | null
  | { readonly time: number }
  | { readonly bytes: string }

/** A token of the recorded program. The times in its claims are in seconds from the moment of the recording. */
export interface RecordedToken {
  readonly header: { readonly typ: string; readonly kid: string }
  readonly claims: Readonly<Record<string, unknown>>
}

/** A database with live rows that the program of one schema wrote, and the credentials that belong to them. */
export interface Recording {
  readonly schema: number
  readonly issuer: string
  /** The key-encryption key in base64url. It protects nothing else. */
  readonly sealingKey: string
  readonly client: { readonly id: string; readonly secret: string }
  readonly tokens: {
    readonly live: RecordedToken
    readonly revoked: RecordedToken
    /** Of a client that was disabled afterwards. */
    readonly ofDisabledClient: RecordedToken
    /** Of a family that was ended afterwards. */
    readonly ofEndedFamily: RecordedToken
  }
  readonly refreshTokens: {
    readonly current: string
    /** The one before. Its client has not used the current one yet. */
    readonly previous: string
    readonly ended: string
  }
  readonly rows: Readonly<Record<string, readonly Readonly<Record<string, RecordedValue>>[]>>
}

/** The claims that hold a moment. */
export const momentClaims: ReadonlySet<string> = new Set(['iat', 'exp', 'nbf'])
