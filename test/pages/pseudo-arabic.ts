import { english } from '../../packages/server/src/pages/english.ts'
import type { Catalogue } from '../../packages/server/src/pages/texts.ts'

const latin = 'abcdefghijklmnopqrstuvwxyz'
const arabic = 'ابتثجحخدذرزسشصضطظعغفقكلمنه'

/** A catalogue that nobody can read: the English texts in Arabic letters, a third longer. Values stay. */
export const pseudoArabic: Catalogue = {
  ...(Object.fromEntries(
    Object.entries(english).map(([key, text]) => [key, inArabicLetters(text)]),
  ) as unknown as Catalogue),
  lang: 'ar',
  dir: 'rtl',
  languageName: 'العربية',
}

function inArabicLetters(text: string): string {
  let shown = ''
  let isValue = false
  for (const letter of text) {
    if (letter === '{') isValue = true
    const at = latin.indexOf(letter.toLowerCase())
    shown += isValue || at === -1 ? letter : arabic[at]
    if (!isValue && 'aeo'.includes(letter)) shown += arabic[at]
    if (letter === '}') isValue = false
  }
  return shown
}
