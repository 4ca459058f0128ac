import { writeFileSync } from 'node:fs'
import { referencePages } from './reference/pages.ts'

/** Writes the generated pages of the reference. */
export async function main(): Promise<number> {
  for (const { path, make } of referencePages) {
    writeFileSync(path, await make())
    console.log(path)
  }
  return 0
}
