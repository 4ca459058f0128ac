/** The settings of `countersign dev` alone. */
export interface DemoSettings {
  /** The algorithm of the tokens of the protected route. */
  readonly tokenAlg: string
  /** The folder of the database, as it is shown. */
  readonly dataFolder: string
  /** Whether the resource of browser sessions is made too, because no other one is named. */
  readonly makesSessionResource: boolean
}
