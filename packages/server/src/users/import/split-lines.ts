import { recordBytesMax, tooLong, type SourceRecord } from './source-record.ts'

const lineFeed = 0x0a
const carriageReturn = 0x0d

/**
 * Splits a stream into its lines. Blank lines are left out. A line that is too long is named and skipped, and is never
 * held in memory.
 */
export async function* splitLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<SourceRecord> {
  let line = 1
  let parts: Uint8Array[] = []
  let length = 0
  const take = (part: Uint8Array) => {
    length += part.length
    if (length > recordBytesMax) parts = []
    else parts.push(part)
  }
  const end = (): SourceRecord | undefined => {
    const bytes = withoutReturn(parts.length === 1 && parts[0] ? parts[0] : Buffer.concat(parts))
    const isTooLong = length > recordBytesMax
    parts = []
    length = 0
    if (isTooLong) return { line, fault: tooLong }
    return isBlank(bytes) ? undefined : { line, bytes }
  }
  for await (const chunk of chunks) {
    let start = 0
    for (let at = chunk.indexOf(lineFeed); at !== -1; at = chunk.indexOf(lineFeed, start)) {
      take(chunk.subarray(start, at))
      const record = end()
      if (record !== undefined) yield record
      line += 1
      start = at + 1
    }
    take(chunk.subarray(start))
  }
  const last = end()
  if (last !== undefined) yield last
}

function withoutReturn(bytes: Uint8Array): Uint8Array {
  return bytes.at(-1) === carriageReturn ? bytes.subarray(0, -1) : bytes
}

function isBlank(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0x20 || byte === 0x09)
}
