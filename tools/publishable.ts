import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const addresses = ['repository', 'homepage', 'bugs'] as const

/** Names the addresses that a manifest lacks: the repository, the homepage and the list of bugs. */
export function missingAddresses(manifest: Readonly<Record<string, unknown>>): readonly string[] {
  return addresses.filter((name) => manifest[name] === undefined)
}

/**
 * Fails for the package in the current folder as long as its manifest has no public addresses.
 * Why: readers of a published package look there for the source and for a way to report a fault.
 */
export function main(): number {
  const missing = missingAddresses(
    JSON.parse(readFileSync(join(process.cwd(), 'package.json'), 'utf8')),
  )
  if (missing.length === 0) return 0
  console.error(
    `package.json lacks ${missing.join(', ')}: add the public addresses before you publish.`,
  )
  return 1
}
