import { functionLengths } from './function-lines.ts'
import { checkLinks } from './links.ts'
import { isTestFile, readProject } from './project-files.ts'
import type { ProjectFile } from './project-files.ts'

/** A line that must not appear: where the rule applies, what it looks for, and what to say. */
interface LineRule {
  readonly applies: (path: string) => boolean
  readonly pattern: RegExp
  readonly fault: string
}

const everywhere = (): boolean => true
const inCode = (path: string): boolean => /\.[jt]s$/u.test(path)
const docLinesMax = 12
const functionLinesMax = 70

const lineRules: readonly LineRule[] = [
  {
    applies: (path) => path !== 'tools/tidy.ts',
    pattern: /\b(?:TODO|FIXME|XXX|HACK)\b/u,
    fault: 'has a mark for later: do it, or write it down where work is planned',
  },
  {
    applies: inCode,
    pattern: /\b(?:it|test|describe|suite|bench)\.(?:skip|todo|only)\b/u,
    fault: 'switches a test off or runs it alone',
  },
  {
    applies: everywhere,
    pattern: /(?:^|[\s'"`(=])\/(?:work|home|root|tmp)\/[a-z]/u,
    fault: 'names a path of one machine',
  },
  {
    applies: (path) => path.endsWith('.ts') && path !== 'tools/tidy.ts',
    pattern: /\bDESIGN\b/u,
    fault: 'points at a paper that readers do not have: name a page of docs, or "ours"',
  },
  {
    applies: (path) => path !== 'tools/tidy.ts',
    pattern: /\bregistry\.(?:npmjs|yarnpkg|npmmirror)\b|"resolved": "https?:|^registry\s*=/u,
    fault: 'names a package registry',
  },
]

/** Finds what breaks the house style and needs no judgement; what the linter already knows is left to it. */
export function checkTidy(files: readonly ProjectFile[]): readonly string[] {
  const inFiles = files.flatMap((file) => [
    ...checkLines(file),
    ...checkEnding(file),
    ...(inCode(file.path) && !isTestFile(file.path) ? checkSource(file) : []),
  ])
  return [...inFiles, ...checkLinks(files)]
}

function checkLines({ path, text }: ProjectFile): readonly string[] {
  const rules = lineRules.filter(({ applies }) => applies(path))
  return text
    .split('\n')
    .flatMap((line, index) =>
      rules
        .filter(({ pattern }) => pattern.test(line))
        .map(({ fault }) => `${path}:${index + 1} ${fault}`),
    )
}

function checkEnding({ path, text }: ProjectFile): readonly string[] {
  if (text !== '' && !text.endsWith('\n')) return [`${path} does not end with a newline`]
  return text.includes('\r') ? [`${path} has carriage returns`] : []
}

function checkSource(file: ProjectFile): readonly string[] {
  const long = functionLengths(file.text).filter(({ own }) => own > functionLinesMax)
  return [
    ...checkDocs(file),
    ...long.map(
      ({ line, own }) =>
        `${file.path}:${line} starts a function of ${own} lines; the limit is ${functionLinesMax}`,
    ),
  ]
}

/** Docstrings are short everywhere; in the files behind a package's exports, each exported function has one. */
function checkDocs({ path, text }: ProjectFile): readonly string[] {
  const lines = text.split('\n')
  const faults: string[] = []
  let docStart: number | undefined
  let docEnd = -1
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
    if (exported !== null && isPublic(path) && docEnd !== index - 1)
      faults.push(`${path}:${index + 1} exports ${exported[1]} without a docstring`)
  }
  return faults
}

function isPublic(path: string): boolean {
  return /^packages\/(?:jwt|guard)\/src\//u.test(path)
}

export function main(): number {
  const faults = checkTidy(readProject(process.cwd()))
  for (const fault of faults) console.error(`fault: ${fault}`)
  return faults.length === 0 ? 0 : 1
}
