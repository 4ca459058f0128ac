import type { JsonValue } from './json-value.ts'

/**
 * Reads JSON whose names may hold escapes; `undefined` for anything else.
 * Why: V8 (Node 24, Node 26, Deno) compares the spelling of a name with names it has seen. `JSON.parse`
 * then takes `"\n"` for the name `\` when that was seen before. Here the runtime parses one text, number
 * or word at a time, and never a name in its place.
 * Not checked: depth; the caller has counted it.
 * Source: RFC 8259 §2 to §5; https://github.com/nodejs/node/issues/63785.
 */
export function readJson(text: string): JsonValue | undefined {
  try {
    const cursor = { text, at: 0 }
    const value = readValue(cursor)
    skipSpace(cursor)
    return cursor.at === text.length ? value : undefined
  } catch {
    return undefined
  }
}

/** A text, and how far it was read. */
interface Cursor {
  readonly text: string
  at: number
}

function readValue(cursor: Cursor): JsonValue {
  if (skipLetter(cursor, '{')) return readObject(cursor)
  if (skipLetter(cursor, '[')) return readList(cursor)
  return readLeaf(cursor)
}

/** Why entries: a member `__proto__` becomes a member like any other, and is refused as such. */
function readObject(cursor: Cursor): JsonValue {
  const members: [string, JsonValue][] = []
  if (skipLetter(cursor, '}')) return {}
  do {
    const name = readLeaf(cursor)
    if (typeof name !== 'string' || !skipLetter(cursor, ':')) throw new SyntaxError('no member')
    members.push([name, readValue(cursor)])
  } while (skipLetter(cursor, ','))
  if (!skipLetter(cursor, '}')) throw new SyntaxError('no end of an object')
  return Object.fromEntries(members)
}

function readList(cursor: Cursor): JsonValue {
  const elements: JsonValue[] = []
  if (skipLetter(cursor, ']')) return elements
  do elements.push(readValue(cursor))
  while (skipLetter(cursor, ','))
  if (!skipLetter(cursor, ']')) throw new SyntaxError('no end of a list')
  return elements
}

/** A text, a number or a word; the runtime says whether it is one. */
function readLeaf(cursor: Cursor): JsonValue {
  skipSpace(cursor)
  const { text, at } = cursor
  cursor.at = text.charAt(at) === '"' ? endOfText(text, at) : endOfWord(text, at)
  const value: JsonValue = JSON.parse(text.slice(at, cursor.at))
  return value
}

function endOfText(text: string, start: number): number {
  let at = start + 1
  while (at < text.length && text.charAt(at) !== '"') at += text.charAt(at) === '\\' ? 2 : 1
  return at + 1
}

function endOfWord(text: string, start: number): number {
  let at = start
  while (at < text.length && !`${spaces},:]}`.includes(text.charAt(at))) at += 1
  return at
}

function skipLetter(cursor: Cursor, letter: string): boolean {
  skipSpace(cursor)
  if (cursor.text.charAt(cursor.at) !== letter) return false
  cursor.at += 1
  return true
}

function skipSpace(cursor: Cursor): void {
  while (cursor.at < cursor.text.length && spaces.includes(cursor.text.charAt(cursor.at)))
    cursor.at += 1
}

const spaces = ' \t\n\r'
