import { ok, refuse, type Result } from '@countersign/jwt'

/** The number of bits of one status. */
export type StatusBits = 1 | 2 | 4 | 8

/** The `status_list` claim. */
export interface StatusList {
  readonly bits: StatusBits
  readonly lst: string
}

/** Loads compression with the first list. Why: it takes 4 MB that most services never need. */
const zlib = () => process.getBuiltinModule('node:zlib')

/** The statuses that this service uses; an entry that was never set is `valid`. */
export const statuses = { valid: 0, invalid: 1 } as const

/**
 * Packs statuses into a compressed list.
 * Units: `size` in entries; a status that does not fit its bits is a fault.
 * Source: draft-ietf-oauth-status-list §4.1 (byte array, low bits first), §4.2 (JSON form).
 */
export function encodeStatusList(
  bits: StatusBits,
  size: number,
  set: Iterable<readonly [number, number]>,
): StatusList {
  const bytes = new Uint8Array(Math.ceil((size * bits) / 8))
  for (const [index, status] of set) {
    if (index < 0 || index >= size || status < 0 || status >= 2 ** bits) {
      throw new RangeError(
        `status ${status} at ${index} does not fit a list of ${size} with ${bits} bits`,
      )
    }
    const at = (index * bits) >> 3
    bytes[at] = (bytes[at] ?? 0) | (status << ((index * bits) % 8))
  }
  return { bits, lst: zlib().deflateSync(bytes, { level: 9 }).toString('base64url') }
}

/** Units: bytes after inflating; a list of a million entries with 8 bits. */
const inflatedBytesMax = 2 ** 20

export type StatusRefusal = {
  readonly reason: 'status_list_malformed' | 'status_index_out_of_range'
}

/**
 * Reads the status at one index of a compressed list.
 * Refuses: `status_list_malformed` (bits, compression, more than 1 MiB inflated), `status_index_out_of_range`.
 * Source: draft-ietf-oauth-status-list §8.3.
 */
export function readStatus(
  list: { bits: unknown; lst: unknown },
  index: unknown,
): Result<number, StatusRefusal> {
  const bytes = inflate(list)
  if (bytes === undefined) return refuse({ reason: 'status_list_malformed' })
  const bits = list.bits as StatusBits
  if (typeof index !== 'number' || !Number.isSafeInteger(index) || index < 0) {
    return refuse({ reason: 'status_index_out_of_range' })
  }
  const byte = bytes[Math.floor((index * bits) / 8)]
  if (byte === undefined) return refuse({ reason: 'status_index_out_of_range' })
  return ok((byte >> ((index * bits) % 8)) & (2 ** bits - 1))
}

function inflate({ bits, lst }: { bits: unknown; lst: unknown }): Uint8Array | undefined {
  if (bits !== 1 && bits !== 2 && bits !== 4 && bits !== 8) return undefined
  if (typeof lst !== 'string' || lst.length > inflatedBytesMax * 2) return undefined
  try {
    return zlib().inflateSync(Buffer.from(lst, 'base64url'), { maxOutputLength: inflatedBytesMax })
  } catch {
    return undefined
  }
}
