import type { ProjectFile } from '../project-files.ts'
import { scanSource, type Passage } from './scan-source.ts'

/** Finds the passages of a file that people read: comments, texts of three words or more, or a whole document. */
export function passagesOf({ path, text }: ProjectFile): readonly Passage[] {
  if (path.endsWith('.md')) return documentPassages(text)
  if (/\.[cm]?[jt]s$/u.test(path)) return scanSource(text).passages.filter(isProse)
  if (path.endsWith('.sql')) return commentLines(text, '--')
  return /\.(?:ya?ml|toml|sh|conf|service)$|Dockerfile$/u.test(path) ? commentLines(text, '#') : []
}

function isProse({ kind, text }: Passage): boolean {
  return kind === 'comment' || /[a-zA-Z]+[^a-zA-Z]+ ?[a-zA-Z]+ +[a-zA-Z]+/u.test(text)
}

function commentLines(text: string, mark: string): readonly Passage[] {
  return text.split('\n').flatMap((line, index) => {
    const start = line.trimStart()
    if (!start.startsWith(mark) || start.startsWith('#!')) return []
    return [{ kind: 'comment', line: index + 1, text: start.slice(mark.length) }]
  })
}

/** Paragraphs, list items, headings and cells of tables; fenced code is left out. */
function documentPassages(text: string): readonly Passage[] {
  const passages: { kind: 'document'; line: number; text: string }[] = []
  let fence: string | undefined
  let open = false
  for (const [index, line] of text.split('\n').entries()) {
    const mark = /^\s*(```+|~~~+)/u.exec(line)?.[1]
    if (mark !== undefined) {
      fence = fence === undefined ? mark : mark.startsWith(fence) ? undefined : fence
      open = false
      continue
    }
    if (fence !== undefined) continue
    if (/^\s*\|/u.test(line)) {
      const cells = line.split('|').map((cell) => cell.trim())
      for (const cell of cells) passages.push({ kind: 'document', line: index + 1, text: cell })
      open = false
      continue
    }
    const begins = /^\s*(?:[-*+]|\d+[.)]|#+|>)\s/u.test(line)
    const last = passages.at(-1)
    const bare = line.replace(/^\s*(?:(?:[-*+]|\d+[.)]|#+|>)\s+)*/u, '')
    if (open && !begins && bare !== '' && last !== undefined) last.text += `\n${bare}`
    else if (bare !== '') passages.push({ kind: 'document', line: index + 1, text: bare })
    open = bare !== '' && !/^\s*#/u.test(line)
  }
  return passages.filter((passage) => /[a-zA-Z]/u.test(passage.text))
}
