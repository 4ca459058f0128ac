/** What our server tells the bench about the clients it was given. */
export interface Seed {
  /** Authenticates with a generated secret; may refresh. */
  readonly machine: { readonly id: string; readonly secret: string }
  /** Acts for the resource at introspection. */
  readonly api: { readonly id: string; readonly secret: string }
  /** Authenticates with `private_key_jwt`. */
  readonly signer: { readonly id: string; readonly privatePem: string }
  readonly issuer: string
}
