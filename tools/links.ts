import { posix } from 'node:path'
import type { ProjectFile } from './project-files.ts'

const link = /\]\((?!https?:|mailto:|#)([^)\s#]+)(?:#[^)]*)?\)/gu
const named = /`((?:packages|tools|test|docs|deploy|examples|bench)\/[\w./-]+\.\w+)`/gu

/** The changelog may name files that are gone. */
const changelog = 'CHANGELOG.md'

/** Finds links and file names in documents that lead nowhere, so that a moved file is found in time. */
export function checkLinks(files: readonly ProjectFile[]): readonly string[] {
  const known = new Set(files.flatMap(({ path }) => [path, ...foldersOf(path)]))
  return files
    .filter(({ path }) => path.endsWith('.md') && path !== changelog)
    .flatMap(({ path, text }) =>
      text.split('\n').flatMap((line, index) =>
        targetsOf(path, line)
          .filter((target) => !known.has(target))
          .map((target) => `${path}:${index + 1} leads to ${target}, which is not there`),
      ),
    )
}

function targetsOf(path: string, line: string): readonly string[] {
  const links = [...line.matchAll(link)].map(([, to = '']) => posix.join(posix.dirname(path), to))
  const names = [...line.matchAll(named)].map(([, to = '']) => to)
  return [...links, ...names].map((target) => target.replace(/\/$/u, ''))
}

function foldersOf(path: string): readonly string[] {
  const parts = path.split('/')
  return parts.map((_, depth) => parts.slice(0, depth).join('/'))
}
