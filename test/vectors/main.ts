import { join } from 'node:path'

import { runRfc7518 } from './agreement.ts'
import { runCookbookEncryption, runRfc7516 } from './cookbook-encryption.ts'
import { runCookbookSignatures, runMlDsaExample, runSpecCheck } from './cookbook-signatures.ts'
import { vectorsAbsent, vectorsDir } from './dir.ts'
import { runJsonTexts } from './json-texts.ts'
import type { FileReport } from './verdict.ts'
import { runWycheproof } from './wycheproof.ts'

/** Runs all published material. The files of Wycheproof may be in a folder of their own. */
export function runVectors(
  dir: string,
  wycheproof: string = join(dir, 'wycheproof'),
): readonly FileReport[] {
  return [
    ...runWycheproof(wycheproof),
    ...runCookbookEncryption(join(dir, 'jose-cookbook')),
    runRfc7516(join(dir, 'rfc-misc', 'rfc7516_appendixA.json')),
    runRfc7518(join(dir, 'rfc-misc', 'rfc7518_appendixC_concatkdf.json')),
    ...runCookbookSignatures(join(dir, 'jose-cookbook')),
    runMlDsaExample(join(dir, 'mldsa-jose', 'ML_DSA_44.jose.json')),
    runSpecCheck(join(dir, 'ed25519-edge', 'speccheck_cases.json')),
    runJsonTexts(join(dir, 'json-parsing', 'jsontestsuite.json')),
  ]
}

/** Numbers as ranges: 1-4, 7. */
function ranges(ids: readonly (number | string)[]): string {
  const parts: string[] = []
  let start = 0
  for (const [at, id] of ids.entries()) {
    const next = ids[at + 1]
    if (typeof id === 'number' && next === id + 1) continue
    const first = ids[start]
    parts.push(first === id ? `${id}` : `${first}-${id}`)
    start = at + 1
  }
  return parts.join(', ')
}

/** One row for each file and reason, as a table of Markdown. */
export function deviationTable(reports: readonly FileReport[]): readonly string[] {
  const rows = reports.flatMap(({ deviations }) =>
    deviations.map(({ file, ids, reason }) => `| ${file} | ${ranges(ids)} | ${reason} |`),
  )
  return ['| file | cases | reason |', '|---|---|---|', ...rows]
}

/** The report as text: one line a file, then the table of deviations, then the unexplained cases. */
export function describeVectors(reports: readonly FileReport[]): string {
  const files = reports.map(
    ({ file, cases, agreed, unexplained }) =>
      `${file.padEnd(48)} ${String(cases).padStart(5)} cases ${String(agreed).padStart(5)} agree ${String(unexplained.length).padStart(4)} unexplained`,
  )
  const faults = reports.flatMap(({ file, unexplained }) =>
    unexplained.map((fault) => `${file} ${fault}`),
  )
  const cases = reports.reduce((sum, report) => sum + report.cases, 0)
  const total = `${reports.length} files, ${cases} cases, ${faults.length} unexplained`
  return [...files, '', ...deviationTable(reports), '', ...faults, total].join('\n')
}

if (import.meta.main) {
  const dir = vectorsDir()
  if (dir === undefined) {
    console.log(vectorsAbsent)
  } else {
    const reports = runVectors(dir, process.argv[2])
    console.log(describeVectors(reports))
    if (reports.some(({ unexplained }) => unexplained.length > 0)) process.exitCode = 1
  }
}
