import { lstatSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

const megabytesMax = 550

/** Prints the size of `node_modules` after `npm ci`, and fails above the limit. */
export function main(): number {
  const megabytes = Math.round(weigh('node_modules') / 1e6)
  console.log(`note: npm ci put ${megabytes} MB into node_modules; the limit is ${megabytesMax} MB`)
  return megabytes <= megabytesMax ? 0 : 1
}

function weigh(folder: string): number {
  let bytes = 0
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) bytes += weigh(path)
    else if (entry.isFile()) bytes += lstatSync(path).blocks * 512
  }
  return bytes
}
