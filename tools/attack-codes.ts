import { scanSource } from './language/scan-source.ts'
import { isTestFile } from './project-files.ts'
import type { ProjectFile } from './project-files.ts'

const page = 'docs/attacks.md'
const code = /(?<![\w-])[A-G]\d{2}(?![\w-])/gu
const row = /^\| ([A-G]\d{2}) \| .+ \| (.+) \|$/u

/**
 * Compares the attack codes in test titles with the rows of the page that explains them.
 * Not checked: whether a row names every file that tests its attack.
 */
export function checkAttackCodes(files: readonly ProjectFile[]): readonly string[] {
  const explained = files.find(({ path }) => path === page)
  if (explained === undefined) return []
  const used = codesInTitles(files)
  const rows = explained.text.split('\n').flatMap((line, index) => {
    const [, name = '', tests = ''] = row.exec(line) ?? []
    return name === '' ? [] : [{ name, tests: pathsIn(tests), line: index + 1 }]
  })
  const known = new Set(rows.map(({ name }) => name))
  return [
    ...[...used].flatMap(([name, [first = '']]) =>
      known.has(name) ? [] : [`${first} has the code ${name}, which ${page} does not explain`],
    ),
    ...rows.flatMap(({ name, tests, line }) => {
      const right = used.get(name) ?? []
      return tests.length > 0 && tests.every((path) => right.includes(path))
        ? []
        : [`${page}:${line} must name test files with ${name}: ${right.slice(0, 3).join(', ')}`]
    }),
  ]
}

/** The test files of each code. */
function codesInTitles(files: readonly ProjectFile[]): ReadonlyMap<string, readonly string[]> {
  const used = new Map<string, string[]>()
  for (const { path, text } of files) {
    if (!isTestFile(path) || !path.endsWith('.test.ts')) continue
    const titles = scanSource(text).passages.filter(({ kind }) => kind === 'text')
    const names = titles.flatMap((title) => title.text.match(code) ?? [])
    for (const name of new Set(names)) used.set(name, [...(used.get(name) ?? []), path])
  }
  return used
}

function pathsIn(cell: string): readonly string[] {
  return [...cell.matchAll(/`([^`]+)`/gu)].map(([, path = '']) => path)
}
