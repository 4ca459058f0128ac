import type { Suite } from './suite.ts'

/** One module of the conformance suite of OpenID. */
export interface ModuleRow {
  /** Its name there, without `oidcc-`. */
  readonly name: string
  /** The demand, in short. */
  readonly demands: string
  readonly run: (suite: Suite) => Promise<void>
}
