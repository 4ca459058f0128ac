/** The clients of our server, for the bench. */
export interface Seed {
  /** Authenticates with a generated secret; may refresh. */
  readonly machine: { readonly id: string; readonly secret: string }
  /** Acts for the resource at introspection. */
  readonly api: { readonly id: string; readonly secret: string }
  /** Authenticates with `private_key_jwt`. */
  readonly signer: { readonly id: string; readonly privatePem: string }
  readonly issuer: string
}
