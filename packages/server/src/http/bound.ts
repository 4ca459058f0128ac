/** One address that is listened on. */
export interface Bound {
  readonly port: number
  /** Stops accepting; resolves when what ran has finished. */
  readonly close: () => Promise<void>
  /** Ends what still runs. */
  readonly cut: () => void
}
