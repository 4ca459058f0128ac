/** Quotes a word for a shell, where it needs quotes. */
export function quoteWord(word: string): string {
  const isPlain = word !== '' && Array.from(word).every((sign) => plainSigns.has(sign))
  return isPlain ? word : `'${word.replaceAll("'", `'\\''`)}'`
}

const plainSigns: ReadonlySet<string> = new Set(
  'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_./:@,',
)
