/** A function and the counts of its lines. */
export interface FunctionLength {
  readonly line: number
  /** Without the functions inside it. */
  readonly own: number
  /** With the functions inside it. */
  readonly whole: number
}

const opens =
  /(?:=> \{|=> \(\{?|^\s*(?:export )?(?:default )?(?:async )?function\b.*)$|^\s*(?:async )?\w+\(.*\)(?:: [^=]+)? \{$/u
const control = /^\s*(?:if|for|while|switch|catch|with|else|return|do)\b|^\s*\}/u

/**
 * Measures the functions of a file that the formatter has laid out: a function ends at the first later line
 * that closes a brace at the indentation of its first line.
 * Why two counts: a closure that holds state and gives out small functions is read function by function, up to a
 * point.
 * Not checked: functions that fit on one line.
 */
export function functionLengths(text: string): readonly FunctionLength[] {
  const lines = text.split('\n')
  const spans: { start: number; end: number }[] = []
  for (const [start, line] of lines.entries()) {
    if (!opens.test(line) || (control.test(line) && !line.endsWith('=> {'))) continue
    const indent = /^\s*/u.exec(line)?.[0] ?? ''
    const closing = new RegExp(`^${indent}[})](?!.*\\{$)`, 'u')
    const end = lines.findIndex((later, index) => index > start && closing.test(later))
    if (end !== -1) spans.push({ start, end })
  }
  return spans.map(({ start, end }) => ({
    line: start + 1,
    whole: end - start + 1,
    own: end - start + 1 - innerLines(spans, start, end),
  }))
}

/** Lines of the outermost functions inside a span. */
function innerLines(
  spans: readonly { start: number; end: number }[],
  start: number,
  end: number,
): number {
  let lines = 0
  let until = start
  for (const span of spans) {
    if (span.start <= until || span.end >= end) continue
    lines += span.end - span.start + 1
    until = span.end
  }
  return lines
}
