/**
 * Makes text of an untrusted sender fit for a log line: cut, with `?` for each letter outside printable ASCII.
 * Why: a line break would forge a second line, and some letters turn the shown text around.
 */
export function legible(text: string, lettersMax: number): string {
  let line = ''
  for (const letter of text.slice(0, lettersMax))
    line += letter >= ' ' && letter <= '~' ? letter : '?'
  return line
}

/** Makes a list of names fit for a log line: the first eight, each legible. */
export function legibleNames(names: readonly string[]): readonly string[] {
  return names.slice(0, namesMax).map((name) => legible(name, nameLettersMax))
}

/** Units: names of one list; letters of one name. */
const namesMax = 8
export const nameLettersMax = 200
