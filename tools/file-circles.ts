import { posix } from 'node:path'
import { importsOf } from './imports.ts'
import type { ProjectFile } from './project-files.ts'

/**
 * Finds files that import each other, directly or through others. Imports of types count too.
 * Why: a reader of one file of a circle has to read all of them.
 */
export function checkFileCircles(files: readonly ProjectFile[]): readonly string[] {
  const targets = new Map(files.map((file) => [file.path, relativeImports(file)]))
  return findCircles(targets).map(
    (circle) => `${circle.join(' → ')} → ${circle[0]} is a circle of imports`,
  )
}

function relativeImports({ path, text }: ProjectFile): readonly string[] {
  if (!/\.[jt]s$/u.test(path)) return []
  return importsOf(text)
    .filter(({ specifier }) => specifier.startsWith('.'))
    .map(({ specifier }) => posix.join(posix.dirname(path), specifier))
}

/** One circle for each import that leads back to a file on the way to it. */
function findCircles(targets: ReadonlyMap<string, readonly string[]>): readonly string[][] {
  const circles: string[][] = []
  const finished = new Set<string>()
  const way: string[] = []
  const visit = (path: string): void => {
    if (finished.has(path)) return
    const at = way.indexOf(path)
    if (at !== -1) {
      circles.push(way.slice(at))
      return
    }
    way.push(path)
    for (const target of targets.get(path) ?? []) visit(target)
    way.pop()
    finished.add(path)
  }
  for (const path of targets.keys()) visit(path)
  return circles
}
