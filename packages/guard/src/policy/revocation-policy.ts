import type { WireEntry } from './revocation-entry.ts'

/** The owner's decisions about the revocations of an issuer. */
export interface RevocationPolicy {
  /** The answer while the knowledge is older than `maxStaleSeconds`. Default: 'allow'. */
  readonly onStale?: 'allow' | 'deny'
  /** Units: seconds. A value below 5 counts as 5. Default: 60. */
  readonly maxStaleSeconds?: number
  /** `poll` where no process stays alive to hold a stream. Default: 'stream'. */
  readonly follow?: 'stream' | 'poll'
  /** Units: seconds between polls. Default: 10. */
  readonly pollSeconds?: number
  /** Units: entries of one issuer in memory, all epochs together. Beyond it the knowledge is stale. Default: 300,000. */
  readonly entriesMax?: number
  /** The `Authorization` header for the feed of this issuer, if that is closed to the public. */
  readonly authorization?: (issuer: string) => string | undefined
  /** Called when the knowledge grows too old and when it is fresh again. Default: a warning on the console. */
  readonly onFreshness?: (issuer: string, state: 'fresh' | 'stale') => void
  /** The place of the knowledge between two starts, `fileRevocations` for example. */
  readonly snapshot?: RevocationSnapshotPort
}

/** A store for the knowledge of each issuer's log. */
export interface RevocationSnapshotPort {
  readonly load: (issuer: string) => Promise<RevocationSnapshot | undefined>
  readonly save: (issuer: string, snapshot: RevocationSnapshot) => Promise<void>
}

/** The knowledge of one issuer's log. */
export interface RevocationSnapshot {
  readonly epoch: string
  readonly sequence: number
  readonly entries: readonly WireEntry[]
  /** The newest chain hashes by their sequence; absent in snapshots of older releases. */
  readonly hashes?: readonly ChainHash[]
  /** Entries of epochs that have ended; absent in snapshots of older releases. */
  readonly ended?: readonly EndedEpoch[]
}

/** The hash of the log's chain at one sequence. */
export type ChainHash = readonly [sequence: number, hash: string]

/** Entries of an epoch that has ended. They concern tokens that were issued up to a moment; `key` entries concern all. */
export interface EndedEpoch {
  readonly epoch: string
  /** Units: epoch seconds. */
  readonly issuedUpTo: number
  readonly entries: readonly WireEntry[]
}
