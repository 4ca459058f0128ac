import type { ClientRecord } from '../store/port/records.ts'

declare const proven: unique symbol

/** A client that proved who it is, or a public one that said so where that is enough. */
export type VerifiedClient = ClientRecord & { readonly [proven]: true }

/** Brands a record; only the authentication of this room calls it, after the proof. */
export function verifiedClient(record: ClientRecord): VerifiedClient {
  return record as VerifiedClient
}
