import { readFileSync, writeFileSync } from 'node:fs'
import { fingerprint, publishedBytesMin } from '../packages/server/src/config/published-secrets.ts'

const target = 'packages/server/data/published-secrets.txt'

const head = `# Secrets that others know: the first 12 hexadecimal digits of the SHA-256 of each, sorted.
# Made by tools/published-secrets.ts from jwt.secrets.list of https://github.com/wallarm/jwt-secrets
# (MIT, Copyright (c) 2020 Wallarm), commit 99e2360, without those of fewer than ${publishedBytesMin} bytes.
`

/**
 * Makes the table of published secrets from a list with one secret a line. The table holds hashes only.
 */
export function main([list]: readonly string[]): number {
  if (list === undefined) {
    console.error('Name the list: npm run published-secrets -- <file>.')
    return 1
  }
  const table = tableOf(readFileSync(list, 'utf8'))
  writeFileSync(target, `${head}${table.join('\n')}\n`)
  console.log(`${table.length} secrets in ${target}`)
  return 0
}

/** The lines of the table for the text of a list. */
function tableOf(list: string): readonly string[] {
  const secrets = list.split('\n').map((line) => line.trim())
  const long = secrets.filter((secret) => Buffer.byteLength(secret) >= publishedBytesMin)
  return [...new Set(long.map((secret) => fingerprint(secret)))].toSorted()
}
