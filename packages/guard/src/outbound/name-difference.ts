import { isLoopback } from './fetch-document.ts'

/** Units: letters. Longer names are not compared. */
const lettersMax = 2048

/**
 * Names the one slip between two names that look alike: the last `/`, the loopback name, the scheme, the port or
 * capital letters. Returns undefined if the names are the same, or differ in more than slips. Pure.
 * Why: names of issuers and APIs are compared letter by letter, and a reader overlooks such a slip.
 */
export function nameDifference(found: string, expected: string): string | undefined {
  if (found === expected || Math.max(found.length, expected.length) > lettersMax) return undefined
  const [one, other] = [readName(found), readName(expected)]
  if (one.host !== other.host && !(isLoopback(one.host) && isLoopback(other.host))) return undefined
  if (one.rest.toLowerCase() !== other.rest.toLowerCase()) return undefined
  const slips = [
    ...(one.scheme === other.scheme ? [] : [`${one.scheme} for ${other.scheme}`]),
    ...(one.host === other.host ? [] : [`${one.host} for ${other.host}`]),
    ...(one.port === other.port ? [] : [`${portOf(one)} for ${portOf(other)}`]),
    ...(one.rest === other.rest ? [] : ['capital letters']),
    ...(one.endsInSlash === other.endsInSlash
      ? []
      : [one.endsInSlash ? 'a "/" at the end' : 'no "/" at the end']),
  ]
  return slips.length === 0 ? sayOtherSpelling(found, expected) : slips.join(' and ')
}

/**
 * Names the slip between any of the found and any of the expected names.
 * Returns undefined if no two of them look alike. Pure.
 */
export function nearestDifference(
  found: readonly string[],
  expected: readonly string[],
): string | undefined {
  for (const one of found.slice(0, namesMax)) {
    for (const other of expected.slice(0, namesMax)) {
      const difference = nameDifference(one, other)
      if (difference !== undefined) return difference
    }
  }
  return undefined
}

/** Units: names of each side that are compared. */
const namesMax = 20

interface NameParts {
  readonly scheme: string
  readonly host: string
  readonly port: string
  /** Path and query without the last `/`, or a name that is no address. */
  readonly rest: string
  readonly endsInSlash: boolean
}

function readName(name: string): NameParts {
  const endsInSlash = name.endsWith('/')
  const isAddress = name.includes('://') && URL.canParse(name)
  if (!isAddress) return { scheme: '', host: '', port: '', rest: trimSlash(name), endsInSlash }
  const { protocol, hostname, port, pathname, search, hash } = new URL(name)
  const rest = trimSlash(`${pathname}${search}${hash}`)
  return { scheme: protocol.slice(0, -1), host: hostname, port, rest, endsInSlash }
}

function trimSlash(text: string): string {
  return text.endsWith('/') ? text.slice(0, -1) : text
}

function portOf({ port }: NameParts): string {
  return port === '' ? 'no port' : `port ${port}`
}

/** Names the difference of two texts of one address, which a parser reads as the same. */
function sayOtherSpelling(found: string, expected: string): string {
  return found.toLowerCase() === expected.toLowerCase()
    ? 'capital letters'
    : 'the spelling of one address'
}
