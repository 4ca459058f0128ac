import type { ProjectFile } from './project-files.ts'

/** A pattern that no line may match, the files where that holds, and the fault to print. */
interface LineRule {
  readonly applies: (path: string) => boolean
  readonly pattern: RegExp
  readonly fault: string
}

const everywhere = (): boolean => true
const inCode = (path: string): boolean => /\.[jt]s$/u.test(path)

const lineRules: readonly LineRule[] = [
  {
    applies: (path) => path !== 'tools/line-rules.ts',
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
    applies: (path) => path.endsWith('.ts') && path !== 'tools/line-rules.ts',
    pattern: /\bDESIGN\b/u,
    fault: 'names a paper that readers do not have: name a page of docs',
  },
  {
    applies: (path) => path !== 'tools/line-rules.ts',
    pattern: /\bregistry\.(?:npmjs|yarnpkg|npmmirror)\b|"resolved": "https?:|^registry\s*=/u,
    fault: 'names a package registry',
  },
]

/** Finds lines that must not appear, and files that end wrongly. */
export function checkLines(file: ProjectFile): readonly string[] {
  return [...matchingLines(file), ...checkEnding(file)]
}

function matchingLines({ path, text }: ProjectFile): readonly string[] {
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
