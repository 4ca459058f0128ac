/** The facts of `countersign dev` that its welcome page shows. */
export interface DemoFacts {
  readonly dataFolder: string
  readonly client: { readonly id: string; readonly secret: string }
  /** Gives the demo user while it has the published password. */
  readonly user: () => Promise<{ readonly name: string; readonly password: string } | undefined>
  /** The versions of the service and its runtime. */
  readonly version: string
}
