/** Facts of a request that only its endpoint knows. */
export interface RequestFacts {
  readonly client?: string | undefined
  readonly reason?: string
}

/** Adds facts to the debug line of a request. */
export type NoteRequest = (requestId: string, facts: RequestFacts) => void
