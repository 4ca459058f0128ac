import type { ProjectFile } from './project-files.ts'

/**
 * Finds switches over a reason that have a `default`.
 * Why: without one the compiler names every switch that a new reason has to be added to.
 * Not checked: a `switch` inside a text.
 */
export function checkReasonSwitches({ path, text }: ProjectFile): readonly string[] {
  if (!path.endsWith('.ts')) return []
  const lines = text.split('\n')
  return lines.flatMap((line, at) => {
    if (!/^\s*switch \((?:\w+\.)*reason\) \{$/u.test(line)) return []
    const indent = line.search(/\S/u)
    const isOwn = (other: string, word: string): boolean => other.startsWith(word, indent)
    const length = lines.slice(at + 1).findIndex((other) => other === `${' '.repeat(indent)}}`)
    const body = lines.slice(at + 1, at + 1 + Math.max(length, 0))
    return body.some((other) => isOwn(other, '  default:'))
      ? [`${path}:${at + 1} switches over reasons with a default: name every reason`]
      : []
  })
}
