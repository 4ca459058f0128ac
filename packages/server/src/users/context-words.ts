import type { ContextWord } from './common-pieces.ts'
import type { FoldedName } from './folded-name.ts'

/** Units: letters. A shorter word stands in too many good passwords. */
const wordLengthMin = 3

/**
 * Gives the words that are easy to guess for one user of one service.
 * Source: NIST SP 800-63B-4 §3.1.1.2 (context-specific words).
 */
export function contextWords(
  names: readonly Pick<FoldedName, 'key' | 'kind'>[],
  issuer: string | undefined,
): readonly ContextWord[] {
  const words: ContextWord[] = [{ kind: 'service', word: 'countersign' }]
  const add = (kind: ContextWord['kind'], text: string) => {
    const parts = wordsOf(text)
    for (const word of [parts.join(''), ...parts])
      if (word.length >= wordLengthMin) words.push({ kind, word })
  }
  if (issuer !== undefined && URL.canParse(issuer)) add('service', new URL(issuer).hostname)
  for (const { key, kind } of names) {
    const [local = '', domain = ''] = kind === 'address' ? key.split('@') : [key]
    add('user', local)
    add('domain', domain)
  }
  return words
}

/** The runs of letters and digits of a text. */
function wordsOf(text: string): readonly string[] {
  const words: string[] = ['']
  for (const sign of text.toLowerCase()) {
    const isPart = sign > '\u007F' || (sign >= 'a' && sign <= 'z') || (sign >= '0' && sign <= '9')
    if (isPart) words.push((words.pop() ?? '') + sign)
    else words.push('')
  }
  return words
}
