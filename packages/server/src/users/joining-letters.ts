/** Arabic letters that join the letter after them (Joining_Type D). Source: ArabicShaping.txt of Unicode. */
const joinBothSides = lettersOf(
  '620 626 628 62A-62E 633-63F 641-647 649-64A 66E-66F 678-687 69A-6BF 6C1-6C2 6CC 6CE 6D0-6D1 6FA-6FC 6FF',
)

/** Arabic letters that join the letter before them alone (Joining_Type R). */
const joinBefore = lettersOf(
  '622-625 627 629 62F-632 648 671-673 675-677 688-699 6C0 6C3-6CB 6CD 6CF 6D2-6D3 6D5 6EE-6EF',
)

const mark = /^\p{Mn}$/u

/**
 * Whether the letters on both sides of a place would join, so that a sign which parts them is seen. Marks are skipped.
 * Not checked: scripts other than Arabic, whose letters count as letters that do not join.
 * Source: RFC 5892 appendix A.1.
 */
export function wouldJoin(signs: readonly string[], at: number): boolean {
  const isLetter = (sign: string) => !mark.test(sign)
  const before = signs.slice(0, at).findLast(isLetter) ?? ''
  const after = signs.slice(at + 1).find(isLetter) ?? ''
  return joinBothSides.has(before) && (joinBothSides.has(after) || joinBefore.has(after))
}

/** Reads code points and ranges of them, in hexadecimal. */
function lettersOf(text: string): ReadonlySet<string> {
  const letters = new Set<string>()
  for (const range of text.split(' ')) {
    const [first = '', last = first] = range.split('-')
    for (let at = Number.parseInt(first, 16); at <= Number.parseInt(last, 16); at += 1)
      letters.add(String.fromCodePoint(at))
  }
  return letters
}
