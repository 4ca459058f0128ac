import type { AuthorizationDeps } from '../authorization/advance-authorization.ts'
import type { MaybePromise } from '../maybe-promise.ts'
import type { ClientRecord } from '../store/port/records.ts'
import type { AuthorizationVerbs } from '../store/port/authorization-verbs.ts'
import type { UserVerbs } from '../store/port/user-verbs.ts'
import type { IdTokenAlg } from '../tokens/id-token.ts'

/** The services of the routes of OpenID Connect. */
export interface OpenidServices extends AuthorizationDeps {
  readonly store: { readonly authorizations: AuthorizationVerbs; readonly users: UserVerbs }
  /** Whether an origin is that of a page which is a public client. */
  readonly isPublicOrigin: (origin: string) => MaybePromise<boolean>
  /**
   * Signs an answer of userinfo for a client.
   * Why it has neither `iat` nor `exp`: nobody can take it for an id token.
   * Source: OpenID Connect Core 1.0 §5.3.2.
   */
  readonly signUserinfo: (
    alg: IdTokenAlg,
    clientId: string,
    claims: Readonly<Record<string, unknown>>,
  ) => Promise<string>
  /**
   * Makes the key of id tokens, where the issuer has none yet.
   * Why before the user signs in: an RSA key takes longer than the exchange of a code may.
   */
  readonly prepareKey: (alg: IdTokenAlg) => Promise<void>
  /** Gives a client as it is now. */
  readonly client: (id: string) => MaybePromise<ClientRecord | undefined>
  /**
   * Reads an id token of this issuer, an expired one too; `undefined` for all others.
   * Why expired ones count: a hint proves nothing. It only names the user and the client that are meant.
   */
  readonly readHint: (
    idToken: string,
  ) => Promise<
    { readonly subject: string; readonly clientId: string; readonly sid?: string } | undefined
  >
}
