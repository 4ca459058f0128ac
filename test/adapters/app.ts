import type { GuardOptions } from '@countersign/guard'

/** One framework, serving the routes of the scenario table behind a guard. */
export interface App {
  readonly origin: string
  readonly close: () => Promise<unknown>
}

/** Starts the app of one framework under a policy; each file in `apps` has one. */
export type StartApp = (policy: GuardOptions) => Promise<App>

/** The answer of every protected route, which no other request ever reads. */
export const secretOf = (subject: string): string => `the secret of ${subject}`
