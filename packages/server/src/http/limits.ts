/**
 * The largest cost of a request before an endpoint reads it; one table for all endpoints.
 * Units: bytes, counts, milliseconds.
 */
export const edgeLimits = {
  bodyBytesMax: 65_536,
  /** How much of a body that is too large is read, so that its sender receives the answer. */
  drainBytesMax: 1_048_576,
  urlLengthMax: 4_096,
  headerBytesMax: 16_384,
  headersMax: 100,
  /** How many requests of one connection may come ahead, while answers before them are still owed. */
  aheadMax: 100,
  headersTimeoutMs: 5_000,
  requestTimeoutMs: 10_000,
  keepAliveTimeoutMs: 5_000,
  /** How long a connection may stand on which nothing moves, such as one whose receiver does not read. */
  stalledTimeoutMs: 30_000,
  /** How long running requests may take when the service stops. */
  stopTimeoutMs: 8_000,
} as const

export type EdgeLimits = { readonly [Name in keyof typeof edgeLimits]: number }
