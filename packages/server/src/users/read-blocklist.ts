import { foldPassword } from './password-rules.ts'

/** Units: letters. A longer line is no password of a list. */
const lineLengthMax = 1_024

/** Reads a list of refused passwords, one a line. Lines below the least length are left out, because no rule needs them. */
export function readBlocklist(text: string, lengthMin: number): ReadonlySet<string> {
  const listed = new Set<string>()
  const start = text.startsWith('\uFEFF') ? 1 : 0
  for (const line of text.slice(start).split('\n')) {
    const password = line.endsWith('\r') ? line.slice(0, -1) : line
    if (password.length <= lineLengthMax && Array.from(password).length >= lengthMin)
      listed.add(foldPassword(password))
  }
  return listed
}
