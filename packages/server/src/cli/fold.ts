/**
 * Breaks lines between words. A longer word has a line of its own.
 * Units: `width` in letters.
 */
export function fold(text: string, width: number, indent = ''): string {
  return foldParts(text.trimEnd().split(' '), width, indent).join('\n')
}

/** Breaks a command line so that a shell still reads it as one. An option keeps its value where they fit, and quotes stay whole. */
export function foldCommand(line: string, width: number): string {
  const limit = width - ' \\'.length
  const parts: string[] = []
  for (const word of joinQuoted(line.split(' '))) {
    const before = parts.at(-1) ?? ''
    const isValue = before.startsWith('-') && !before.includes(' ') && !word.startsWith('-')
    if (isValue && before.length + word.length + 3 <= limit) parts[parts.length - 1] += ` ${word}`
    else parts.push(word)
  }
  return foldParts(parts, limit, '  ').join(' \\\n')
}

function joinQuoted(words: readonly string[]): readonly string[] {
  const whole: string[] = []
  for (const word of words) {
    const before = whole.at(-1) ?? ''
    const isOpen = ['"', "'"].some((quote) => before.split(quote).length % 2 === 0)
    if (isOpen) whole[whole.length - 1] += ` ${word}`
    else whole.push(word)
  }
  return whole
}

function foldParts(parts: readonly string[], width: number, indent: string): readonly string[] {
  const lines: string[] = []
  let line = ''
  for (const part of parts) {
    const longer = line === '' ? part : `${line} ${part}`
    if (longer.length > width && line.trim() !== '') {
      lines.push(line)
      line = `${indent}${part}`
    } else line = longer
  }
  return [...lines, line]
}
