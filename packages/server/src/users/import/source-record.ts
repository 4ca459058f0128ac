/** One user of a file in bytes, with the line where it begins; or why there is none. */
export type SourceRecord =
  | { readonly line: number; readonly bytes: Uint8Array }
  | { readonly line: number; readonly fault: string }

/** Units: bytes of one user in a file. */
export const recordBytesMax = 262_144

export const tooLong = `The user has more than ${recordBytesMax} bytes.`
