import { parseScope } from '../grants/select-access.ts'

/** Reads words between single spaces; an empty text has none. `undefined`: it is malformed. */
export function wordsOf(text: string): readonly string[] | undefined {
  return text === '' ? [] : parseScope(text)
}
