/** The longest name of a passkey. Units: code points. */
const passkeyNameLengthMax = 64

/** Reads the name that a user gives to a passkey; `undefined` for one that is empty, too long or has a control character. */
export function readPasskeyName(typed: string): string | undefined {
  if (typed.length > 2 * passkeyNameLengthMax || !typed.isWellFormed()) return undefined
  const name = typed.normalize('NFC').trim()
  const signs = Array.from(name)
  if (signs.length === 0 || signs.length > passkeyNameLengthMax) return undefined
  return signs.some((sign) => sign < ' ' || (sign >= '\u007F' && sign <= '\u009F'))
    ? undefined
    : name
}
