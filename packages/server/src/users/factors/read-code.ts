/** Units: letters of a field for a code. */
const typedLengthMax = 64

/** The digits of a code of an app. */
const totpDigits = 6

/** The letters of recovery codes: digits and letters that are not mistaken for each other. Source: Crockford's base 32. */
const recoveryLetters = '0123456789abcdefghjkmnpqrstvwxyz'
const recoveryLength = 16
/** Units: letters between two dashes. */
const groupLength = 4

/** Signs that people type between the groups of a code. */
const separators = new Set([' ', '-', '\u00A0', '\u2009', '\u2010', '\u2011', '\u2013', '\t'])

/** Reads a code of an app; `undefined` for all but six digits. Spaces and dashes do not matter. */
export function readTotpCode(typed: string): string | undefined {
  const code = withoutSeparators(typed)
  if (code?.length !== totpDigits) return undefined
  for (const sign of code) if (sign < '0' || sign > '9') return undefined
  return code
}

/** Reads a recovery code in any spelling; `undefined` for a text that is none. */
export function readRecoveryCode(typed: string): string | undefined {
  const code = withoutSeparators(typed)?.toLowerCase()
  if (code?.length !== recoveryLength) return undefined
  const letters = Array.from(code, (sign) => lookalikes.get(sign) ?? sign)
  return letters.every((sign) => recoveryLetters.includes(sign)) ? letters.join('') : undefined
}

const lookalikes: ReadonlyMap<string, string> = new Map([
  ['o', '0'],
  ['i', '1'],
  ['l', '1'],
])

/** Makes a recovery code of 80 random bits. */
export function makeRecoveryCode(randomBytes: (length: number) => Uint8Array): string {
  // Each byte gives one of 32 letters without a bias.
  return Array.from(randomBytes(recoveryLength), (byte) => recoveryLetters[byte % 32] ?? '').join(
    '',
  )
}

/** Writes a recovery code in groups, as people read it. */
export function showRecoveryCode(code: string): string {
  const groups: string[] = []
  for (let at = 0; at < code.length; at += groupLength)
    groups.push(code.slice(at, at + groupLength))
  return groups.join('-')
}

function withoutSeparators(typed: string): string | undefined {
  if (typed.length > typedLengthMax) return undefined
  return Array.from(typed)
    .filter((sign) => !separators.has(sign))
    .join('')
}
