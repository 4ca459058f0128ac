/**
 * Breaks lines between words. A longer word has a line of its own.
 * Units: `width` in letters.
 */
export function fold(text: string, width: number, indent = ''): string {
  return foldParts(text.trimEnd().split(' '), width, indent).join('\n')
}

/** Breaks a command line so that a shell still reads it as one. An option keeps its value, and quotes stay whole. */
export function foldCommand(line: string, width: number): string {
  const parts: string[] = []
  for (const word of line.split(' ')) {
    const before = parts.at(-1)
    const isOpen = before !== undefined && before.split('"').length % 2 === 0
    const isValue =
      before?.startsWith('-') === true && !before.includes(' ') && !word.startsWith('-')
    if (before !== undefined && (isOpen || isValue)) parts[parts.length - 1] = `${before} ${word}`
    else parts.push(word)
  }
  return foldParts(parts, width - ' \\'.length, '  ').join(' \\\n')
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
