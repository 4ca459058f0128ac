import type { ProjectFile } from './project-files.ts'

const docLinesMax = 12

/**
 * Finds docstrings that are too long, and exported functions without one.
 * Not checked: exported functions of the service, which no other package imports.
 */
export function checkDocstrings({ path, text }: ProjectFile): readonly string[] {
  const lines = text.split('\n')
  const faults: string[] = []
  let docStart: number | undefined
  let docEnd = -2
  let signature: string | undefined
  for (const [index, line] of lines.entries()) {
    if (/^\s*\/\*\*/u.test(line)) docStart = index
    if (docStart !== undefined && line.includes('*/')) {
      const length = index - docStart + 1
      if (length > docLinesMax + 2)
        faults.push(
          `${path}:${docStart + 1} has a docstring of ${length} lines; the limit is ${docLinesMax}`,
        )
      docEnd = index
      docStart = undefined
    }
    const exported = /^export (?:async )?function (\w+)/u.exec(line)
    if (exported === null) continue
    // The first signature of a function speaks for all.
    if (exported[1] !== signature && isPublic(path) && docEnd !== index - 1)
      faults.push(`${path}:${index + 1} exports ${exported[1]} without a docstring`)
    signature = exported[1]
  }
  return faults
}

function isPublic(path: string): boolean {
  return /^packages\/(?:jwt|guard)\/src\//u.test(path)
}
