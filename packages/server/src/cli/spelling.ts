/** Units: letters. A longer word is nobody's misspelling. */
const wordLengthMax = 40

/**
 * Finds the name that a misspelled word most probably means.
 * Not checked: two names equally near; the first of them is given.
 */
export function suggestName(word: string, names: readonly string[]): string | undefined {
  if (word.length > wordLengthMax) return undefined
  const lower = word.toLowerCase()
  const begun = names.filter((name) => lower.length >= 2 && name.startsWith(lower))
  if (begun.length === 1) return begun[0]
  const allowed = Math.ceil(word.length / 3)
  let best: { readonly name: string; readonly distance: number } | undefined
  for (const name of names) {
    const distance = editDistance(lower, name.toLowerCase())
    if (distance <= allowed && distance < (best?.distance ?? Infinity)) best = { name, distance }
  }
  return best?.name
}

/** Counts the letters to add, remove, replace, or exchange with their neighbour. */
function editDistance(from: string, to: string): number {
  const rows = [Array.from({ length: to.length + 1 }, (_, at) => at)]
  const cost = (row: number, column: number) => rows[row]?.[column] ?? Infinity
  for (let row = 1; row <= from.length; row += 1) {
    rows.push([row])
    for (let column = 1; column <= to.length; column += 1) {
      const isSame = from[row - 1] === to[column - 1]
      const isExchanged = from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1]
      const options = [
        cost(row - 1, column) + 1,
        cost(row, column - 1) + 1,
        cost(row - 1, column - 1) + (isSame ? 0 : 1),
        ...(isExchanged ? [cost(row - 2, column - 2) + 1] : []),
      ]
      rows[row]?.push(Math.min(...options))
    }
  }
  return cost(from.length, to.length)
}
