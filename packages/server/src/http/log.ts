/** Facts of one line; never a token, a secret or a header. */
export type LogFacts = Readonly<Record<string, string | number | boolean | null | undefined>>

/** Where the service says what it does; the composition root decides how it is written. */
export interface Log {
  readonly debug: (facts: LogFacts, message: string) => void
  readonly info: (facts: LogFacts, message: string) => void
  readonly warn: (facts: LogFacts, message: string) => void
  readonly error: (facts: LogFacts, message: string) => void
}

/** What may be said of a thrown thing: its name, its own words and where it came from. */
export function faultFacts(thrown: unknown): LogFacts {
  if (!(thrown instanceof Error)) return { fault: typeof thrown }
  const { name, message, stack } = thrown
  return { fault: name, detail: message, stack }
}
