import type { WireEntry } from './revocation-entry.ts'

/** The owner's options for the revocations of an issuer. */
export interface RevocationPolicy {
  /** The verdict while the entries are older than `maxStaleSeconds`. Default: 'allow'. */
  readonly onStale?: 'allow' | 'deny'
  /** Units: seconds. A value below 5 counts as 5. Default: 60. */
  readonly maxStaleSeconds?: number
  /** Use `poll` if no process stays alive to hold a stream. Default: 'stream'. */
  readonly follow?: 'stream' | 'poll'
  /** Units: seconds between polls. Default: 10. */
  readonly pollSeconds?: number
  /** The most entries of one issuer in memory, all epochs together. Beyond it the guard is stale. Default: 300,000. */
  readonly entriesMax?: number
  /** The `Authorization` header for the feed of this issuer, if the feed is not public. Default: none. */
  readonly authorization?: (issuer: string) => string | undefined
  /** Called when the entries become too old and when they are fresh again. Default: a warning on the console. */
  readonly onFreshness?: (issuer: string, state: 'fresh' | 'stale') => void
  /** The store of the entries between two starts, for example `fileRevocations`. Default: none. */
  readonly snapshot?: RevocationSnapshotPort
}

/** A store for the snapshot of each issuer's log. */
export interface RevocationSnapshotPort {
  readonly load: (issuer: string) => Promise<RevocationSnapshot | undefined>
  readonly save: (issuer: string, snapshot: RevocationSnapshot) => Promise<void>
}

/** The entries of one issuer's log at one sequence. */
export interface RevocationSnapshot {
  readonly epoch: string
  readonly sequence: number
  readonly entries: readonly WireEntry[]
  /** The signed start of the epoch. Absent in snapshots of older releases. Units: epoch seconds. */
  readonly epochStart?: number
  /** The newest chain hashes with their sequence. Absent in snapshots of older releases. */
  readonly hashes?: readonly ChainHash[]
  /** Entries of epochs that ended. Absent in snapshots of older releases. */
  readonly ended?: readonly EndedEpoch[]
}

/** The hash of the revocation log's chain at one sequence. */
export type ChainHash = readonly [sequence: number, hash: string]

/** Entries of an epoch that ended. They concern tokens issued up to a moment; `key` entries concern all tokens. */
export interface EndedEpoch {
  readonly epoch: string
  /** Units: epoch seconds. */
  readonly issuedUpTo: number
  readonly entries: readonly WireEntry[]
}
