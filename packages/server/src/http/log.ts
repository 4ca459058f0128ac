/** Facts of one line; never a token, a secret or a header. */
export type LogFacts = Readonly<
  Record<string, string | number | boolean | readonly string[] | null | undefined>
>

/** The log of the service. The composition root decides how it is written. */
export interface Log {
  readonly debug: (facts: LogFacts, message: string) => void
  readonly info: (facts: LogFacts, message: string) => void
  readonly warn: (facts: LogFacts, message: string) => void
  readonly error: (facts: LogFacts, message: string) => void
  /** Whether debug lines are written. Facts that cost time are gathered only then. Default: false. */
  readonly writesDebug?: boolean
}

/** The printable facts of a thrown value: its name, its message and its origin. */
export function faultFacts(thrown: unknown): LogFacts {
  if (!(thrown instanceof Error)) return { fault: typeof thrown }
  const { name, message, stack } = thrown
  return { fault: name, detail: message, stack }
}
