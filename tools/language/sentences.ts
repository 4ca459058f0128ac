import type { Passage } from './scan-source.ts'

/** One sentence, without code spans, file names in links and link targets, and the line where it begins. */
export interface Sentence {
  readonly line: number
  readonly text: string
  /** Whether it is the first of its passage, or follows a tag such as `Why:`. */
  readonly first: boolean
}

const ends =
  /(?<=[.!?…]["')\]*_]*)\s+(?!\p{Ll})|\n\s*\n|\n(?=[A-Z][a-z ]{2,20}(?: \([^)\n]*\))?: |@)/gu
const tag =
  /^(?:@\w+\s*|\**(?:Units|Refuses|Throws|Not checked|Why|Source|Default)(?: \([^)]*\))?:\**\s*)+/u

/** Splits a passage into its sentences. */
export function sentencesOf({ line, text }: Passage): readonly Sentence[] {
  const plain = withoutCode(text)
  const sentences: Sentence[] = []
  let start = 0
  for (const end of [...plain.matchAll(ends), undefined]) {
    const raw = plain.slice(start, end?.index)
    const lead = /^\s*/u.exec(raw)?.[0].length ?? 0
    const lines = plain.slice(0, start + lead).split('\n').length - 1
    const trimmed = raw.trim()
    const said = trimmed.replace(tag, '').replaceAll(/\s+/gu, ' ')
    const first = sentences.length === 0 || said.length < trimmed.replaceAll(/\s+/gu, ' ').length
    if (/\p{L}/u.test(said)) sentences.push({ line: line + lines, text: said, first })
    start = end === undefined ? plain.length : end.index + end[0].length
  }
  return sentences
}

/** Counts words; a code span, a number or a link counts as one. */
export function wordCount(sentence: string): number {
  return sentence.split(/[\s/—–]+/u).filter((word) => /[\p{L}\p{N}`]/u.test(word)).length
}

function withoutCode(text: string): string {
  return text
    .replaceAll(/(`+)[^`]+\1/gu, (span) => `\`…\`${span.replaceAll(/[^\n]/gu, '')}`)
    .replaceAll(/!?\[([^\]]*)\]\([^)\s]*\)/gu, (_, shown: string) =>
      /^[\w./-]+\.\w+$/u.test(shown) ? '`…`' : shown,
    )
    .replaceAll(/https?:\/\/[^\s)>\]]+/gu, 'address')
}
