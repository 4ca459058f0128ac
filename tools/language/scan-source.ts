/** A comment or a text of a source file, and the line where it begins. */
export interface Passage {
  readonly kind: 'comment' | 'text' | 'document'
  readonly line: number
  readonly text: string
}

/** One source file, taken apart. */
export interface ScannedSource {
  readonly passages: readonly Passage[]
  /** The file without its comments and texts; every line keeps its number. */
  readonly code: string
}

interface Span {
  readonly kind: 'line comment' | 'block comment' | 'text'
  readonly start: number
  readonly end: number
}

/**
 * Separates comments and texts of JavaScript or TypeScript from its code.
 * Not checked: a regular expression is recognised by the letter before it, and JSX is not read.
 */
export function scanSource(source: string): ScannedSource {
  const spans = findSpans(source)
  let code = ''
  let at = 0
  for (const { start, end } of spans) {
    code += source.slice(at, start) + blank(source.slice(start, end))
    at = end
  }
  return { passages: passagesOf(source, spans), code: code + source.slice(at) }
}

function findSpans(source: string): readonly Span[] {
  const spans: Span[] = []
  // One entry for each template that is open; it counts the braces of the code inside it.
  const templates: number[] = []
  let at = 0
  while (at < source.length) {
    const span = spanAt(source, at)
    if (span !== undefined) {
      spans.push(span)
      at = span.end
      if (source[at - 1] === '{' && span.kind === 'text') templates.push(0)
      continue
    }
    const letter = source[at]
    const depth = templates.at(-1)
    if (letter === '/' && beginsRegex(source, at)) at = endOfRegex(source, at)
    else if (letter === '}' && depth === 0) {
      templates.pop()
      const end = endOfTemplate(source, at + 1)
      spans.push({ kind: 'text', start: at + 1, end })
      if (source[end - 1] === '{') templates.push(0)
      at = end
    } else {
      if (depth !== undefined && letter === '{') templates.splice(-1, 1, depth + 1)
      if (depth !== undefined && letter === '}') templates.splice(-1, 1, depth - 1)
      at += 1
    }
  }
  return spans
}

function spanAt(source: string, at: number): Span | undefined {
  const two = source.slice(at, at + 2)
  if (two === '//') return { kind: 'line comment', start: at, end: endOf(source, '\n', at) }
  if (two === '/*')
    return { kind: 'block comment', start: at, end: endOf(source, '*/', at + 2) + 2 }
  const [quote] = two
  if (quote === "'" || quote === '"')
    return { kind: 'text', start: at, end: endOfQuote(source, at) }
  return quote === '`' ? { kind: 'text', start: at, end: endOfTemplate(source, at + 1) } : undefined
}

function endOf(source: string, mark: string, from: number): number {
  const end = source.indexOf(mark, from)
  return end === -1 ? source.length : end
}

function endOfQuote(source: string, start: number): number {
  let at = start + 1
  while (at < source.length && source[at] !== source[start] && source[at] !== '\n') {
    at += source[at] === '\\' ? 2 : 1
  }
  return at + 1
}

/** Finds the end of a template, or the place behind the next `${` in it. */
function endOfTemplate(source: string, start: number): number {
  let at = start
  while (at < source.length) {
    if (source[at] === '`') return at + 1
    if (source.startsWith('${', at)) return at + 2
    at += source[at] === '\\' ? 2 : 1
  }
  return source.length
}

function beginsRegex(source: string, at: number): boolean {
  const before = source.slice(Math.max(0, at - 40), at).trimEnd()
  return /(?:^|[(,=:[!&|?{};+*~^<>-]|\b(?:return|typeof|case|in|of|await|yield))$/u.test(before)
}

function endOfRegex(source: string, start: number): number {
  let at = start + 1
  let inClass = false
  while (at < source.length && source[at] !== '\n' && (inClass || source[at] !== '/')) {
    if (source[at] === '[') inClass = true
    if (source[at] === ']') inClass = false
    at += source[at] === '\\' ? 2 : 1
  }
  return at + 1
}

function blank(text: string): string {
  return text.replaceAll(/[^\n]/gu, ' ')
}

/** Reads the spans as passages. Line comments that follow each other are one, and so are parts of one template. */
function passagesOf(source: string, spans: readonly Span[]): readonly Passage[] {
  const passages: Passage[] = []
  let before: Span | undefined
  for (const span of spans) {
    const text = textOf(source, span)
    const last = passages.at(-1)
    if (last !== undefined && before !== undefined && joins(source, before, span)) {
      passages.splice(-1, 1, { ...last, text: last.text + text })
    } else {
      const line = source.slice(0, span.start).split('\n').length
      passages.push({ kind: span.kind === 'text' ? 'text' : 'comment', line, text })
    }
    before = span
  }
  return passages
}

function joins(source: string, before: Span, span: Span): boolean {
  if (before.kind !== span.kind) return false
  const between = source.slice(before.end, span.start)
  if (span.kind === 'line comment') return /^\n[ \t]*$/u.test(between)
  return span.kind === 'text' && source[before.end - 1] === '{' && source[span.start - 1] === '}'
}

function textOf(source: string, { kind, start, end }: Span): string {
  const text = source.slice(start, end)
  if (kind === 'line comment') return `${text.slice(2)}\n`
  if (kind === 'block comment') return text.slice(2, -2).replaceAll(/^[ \t]*\*+ ?/gmu, '')
  return (
    text.replace(/^['"`]/u, '').replace(/(?:['"`]|\$\{)$/u, '') + (text.endsWith('${') ? '`…`' : '')
  )
}
