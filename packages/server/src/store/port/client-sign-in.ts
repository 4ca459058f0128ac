/** The settings of a client that signs users in by the code flow. */
export interface ClientSignIn {
  /** The name that a user reads; the client id where it is `null`. */
  readonly name: string | null
  /** In the order of registration, compared letter by letter. */
  readonly redirectUris: readonly string[]
  readonly postLogoutRedirectUris: readonly string[]
  readonly idTokenAlg: 'RS256' | 'ES256' | 'EdDSA'
  /** How userinfo answers: as JSON, or as a JWT that is signed with this algorithm. */
  readonly userinfoSignedAlg: 'plain' | 'RS256' | 'ES256' | 'EdDSA'
  /** How the code is bound: to a challenge, to a nonce where there is no challenge, or to neither. */
  readonly pkce: 'required' | 'nonceInstead' | 'optionalUnsafe'
  /** `never`: the operator trusts this client, and no user is asked. */
  readonly consent: 'ask' | 'never'
  /** `always`: each sign-in gives a refresh token. `onRequest`: with the scope `offline_access` alone. */
  readonly refresh: 'always' | 'onRequest'
}
