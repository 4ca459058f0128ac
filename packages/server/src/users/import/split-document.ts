import { recordBytesMax, tooLong, type SourceRecord } from './source-record.ts'

const sign = { quote: 0x22, comma: 0x2c, backslash: 0x5c, lineFeed: 0x0a } as const
const opening = new Set([0x7b, 0x5b])
const closing = new Set([0x7d, 0x5d])
const openBracket = 0x5b
const openBrace = 0x7b
/** The signs between two users: white space, the begin of a user, and the end of the list. */
const expected = new Set([0x20, 0x09, 0x0a, 0x0d, openBrace, 0x5d])

/** The state of the walk through a document. */
interface Walk {
  line: number
  depth: number
  isInText: boolean
  isEscaped: boolean
  /** The last text at depth 1, for the name of a member. */
  name: string
  /** The depth within the list of users; 0 while the walk is outside of it. */
  listDepth: number
  hasList: boolean
  /** The line where the present user begins; 0 between users. */
  begins: number
  /** Whether the present member of the list is no object, and was named already. */
  isOdd: boolean
  length: number
  parts: Uint8Array[]
}

/**
 * Gives the members of the list `users` of one JSON document, or of a document that is a list. It holds one user at a time.
 * Not checked: the rest of the document. Each user is parsed strictly by the reader.
 */
export async function* splitDocument(
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<SourceRecord> {
  const walk: Walk = {
    line: 1,
    depth: 0,
    isInText: false,
    isEscaped: false,
    name: '',
    listDepth: 0,
    hasList: false,
    begins: 0,
    isOdd: false,
    length: 0,
    parts: [],
  }
  for await (const chunk of chunks) yield* walkChunk(walk, chunk)
  if (walk.depth !== 0 || walk.isInText)
    yield { line: walk.line, fault: 'The document ends too early.' }
  else if (!walk.hasList) yield { line: 1, fault: 'The document has no list "users".' }
}

function* walkChunk(walk: Walk, chunk: Uint8Array): Generator<SourceRecord> {
  let start = 0
  for (const [at, byte] of chunk.entries()) {
    if (byte === sign.lineFeed) walk.line += 1
    if (walk.isInText) {
      stepInText(walk, byte)
      continue
    }
    if (isBetweenUsers(walk)) {
      if (byte === sign.comma) walk.isOdd = false
      else if (!walk.isOdd && !expected.has(byte)) {
        walk.isOdd = true
        yield { line: walk.line, fault: 'The list holds a member that is no user.' }
      }
    }
    if (byte === sign.quote) {
      walk.isInText = true
      if (walk.depth === 1) walk.name = ''
    } else if (opening.has(byte)) {
      if (isBetweenUsers(walk) && byte === openBrace) {
        walk.begins = walk.line
        start = at
      }
      if (isAtList(walk, byte)) {
        walk.listDepth = walk.depth + 1
        walk.hasList = true
      }
      walk.depth += 1
    } else if (closing.has(byte)) {
      walk.depth -= 1
      if (walk.begins > 0 && walk.depth === walk.listDepth) {
        keep(walk, chunk.subarray(start, at + 1))
        yield take(walk)
      }
      if (walk.depth < walk.listDepth) walk.listDepth = 0
    }
  }
  if (walk.begins > 0) keep(walk, chunk.subarray(start))
}

function isBetweenUsers({ depth, listDepth }: Walk): boolean {
  return listDepth > 0 && depth === listDepth
}

function isAtList({ depth, name, hasList }: Walk, byte: number): boolean {
  return byte === openBracket && !hasList && (depth === 0 || (depth === 1 && name === 'users'))
}

/** Units: letters of a name of a member. */
const nameLengthMax = 16

function stepInText(walk: Walk, byte: number): void {
  if (walk.isEscaped) walk.isEscaped = false
  else if (byte === sign.backslash) walk.isEscaped = true
  else if (byte === sign.quote) walk.isInText = false
  else if (walk.depth === 1 && walk.name.length < nameLengthMax)
    walk.name += String.fromCharCode(byte)
}

function keep(walk: Walk, part: Uint8Array): void {
  walk.length += part.length
  if (walk.length > recordBytesMax) walk.parts = []
  else walk.parts.push(Buffer.from(part))
}

function take(walk: Walk): SourceRecord {
  const { begins: line, length, parts } = walk
  walk.begins = 0
  walk.length = 0
  walk.parts = []
  return length > recordBytesMax ? { line, fault: tooLong } : { line, bytes: Buffer.concat(parts) }
}
