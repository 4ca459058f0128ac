/** Letters and digits that nobody mistakes for each other. */
const signs = 'abcdefghjkmnpqrstuvwxyz23456789'
const groups = 4
const groupLength = 5
/** Bytes from here on would make some signs more likely than others. */
const evenBytesMax = Math.floor(256 / signs.length) * signs.length

/** Makes a password of four groups of five signs: 99 random bits. */
export function generatePassword(randomBytes: (length: number) => Uint8Array): string {
  const chosen: string[] = []
  while (chosen.length < groups * groupLength)
    for (const byte of randomBytes(32))
      if (byte < evenBytesMax && chosen.length < groups * groupLength)
        chosen.push(signs[byte % signs.length] ?? '')
  return Array.from({ length: groups }, (_, index) =>
    chosen.slice(index * groupLength, (index + 1) * groupLength).join(''),
  ).join('-')
}
