import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { referencePages } from './reference/pages.ts'

/** Writes the generated pages of the reference. `--check` names those that differ and writes nothing. */
export async function main(args: readonly string[]): Promise<number> {
  const isCheck = args.includes('--check')
  let differing = 0
  for (const { path, make } of referencePages) {
    const made = await make()
    if (existsSync(path) && readFileSync(path, 'utf8') === made) continue
    differing += 1
    if (!isCheck) writeFileSync(path, made)
    console.log(
      isCheck ? `fault: ${path} is not what the code gives: run "npm run reference"` : path,
    )
  }
  return isCheck && differing > 0 ? 1 : 0
}
