/** Why the service cannot start: one sentence with the remedy, fit to be printed to the operator as it is. */
export interface StartFault extends Error {
  readonly name: 'StartFault'
}

/** Makes such a fault, to be thrown. */
export function startFault(message: string, cause?: unknown): StartFault {
  return Object.assign(new Error(message, { cause }), { name: 'StartFault' as const })
}

/** Tells it from any other thrown thing. */
export function isStartFault(thrown: unknown): thrown is StartFault {
  return thrown instanceof Error && thrown.name === 'StartFault'
}
