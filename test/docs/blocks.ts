/** One fenced block of a document: ` ```sh server ` has the language `sh` and the word `server`. */
export interface Block {
  readonly language: string
  readonly word: string
  readonly text: string
  readonly line: number
  /** Whether only blank lines and nothing else stand between this block and the one before. */
  readonly follows: boolean
}

/** Finds the fenced blocks of a Markdown text. Not checked: fences of tildes, and fences inside lists. */
export function blocksOf(markdown: string): readonly Block[] {
  const blocks: Block[] = []
  let open: { language: string; word: string; line: number; lines: string[] } | undefined
  let follows = false
  for (const [index, line] of markdown.split('\n').entries()) {
    if (line.startsWith('```') && open === undefined) {
      const [language = '', word = ''] = line.slice(3).trim().split(/\s+/u)
      open = { language, word, line: index + 1, lines: [] }
    } else if (line.startsWith('```') && open !== undefined) {
      const { lines, ...head } = open
      blocks.push({ ...head, text: `${lines.join('\n')}\n`, follows })
      open = undefined
      follows = true
    } else if (open !== undefined) open.lines.push(line)
    else if (line.trim() !== '') follows = false
  }
  return blocks
}

/**
 * Returns the given declarations of a sample: the lines of a comment `<!-- given … -->` right above the
 * block at `line`. Readers do not see the comment; the compiler does.
 */
export function givenAbove(markdown: string, line: number): string {
  const above = markdown.split('\n').slice(0, line - 1)
  if (above.at(-1) !== '-->') return ''
  const from = above.lastIndexOf('<!-- given')
  return from === -1 ? '' : `${above.slice(from + 1, -1).join('\n')}\n`
}

/** Returns the first line of `expected` that `printed` lacks; `…` in a line matches anything. */
export function missingLine(expected: string, printed: string): string | undefined {
  let from = 0
  for (const line of expected.split('\n').filter((one) => one.trim() !== '')) {
    for (const part of line.split('…').filter((one) => one.trim() !== '')) {
      const at = printed.indexOf(part.trim(), from)
      if (at === -1) return line
      from = at + part.trim().length
    }
  }
  return undefined
}
