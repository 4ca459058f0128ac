import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

import { explain } from './deviations.ts'
import { shapes } from './shapes.ts'
import type { Case, Deviation, FileReport, Group, VectorFile, Verdict } from './verdict.ts'

/**
 * Runs every `*_test.json` of a folder.
 * Why: a file is read by the shape that its groups name, so that related files (other curves, sizes,
 * hashes) run too. An unknown shape is unexplained and fails the run.
 */
export function runWycheproof(folder: string): readonly FileReport[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('_test.json'))
    .toSorted()
    .map((name) => runFile(name, JSON.parse(readFileSync(join(folder, name), 'utf8'))))
}

function runFile(name: string, file: VectorFile): FileReport {
  const reasons = new Map<string, number[]>()
  const unexplained: string[] = []
  let cases = 0
  let agreed = 0
  for (const group of file.testGroups) {
    for (const test of group.tests) {
      cases += 1
      const { reason, fault, agrees } = judge(test, group, file)
      if (agrees) agreed += 1
      if (reason !== undefined) reasons.set(reason, [...(reasons.get(reason) ?? []), test.tcId])
      if (fault !== undefined) unexplained.push(`${test.tcId} (${test.comment}): ${fault}`)
    }
  }
  const deviations: Deviation[] = [...reasons].map(([reason, ids]) => ({ file: name, ids, reason }))
  return { file: name, cases, agreed, deviations, unexplained }
}

interface Judgement {
  readonly agrees: boolean
  readonly reason?: string
  readonly fault?: string
}

function judge(test: Case, group: Group, file: VectorFile): Judgement {
  const verdict = put(test, group, file)
  if (typeof verdict === 'string') return { agrees: false, fault: verdict }
  const expected = published[test.result]
  if (verdict.did !== 'foreign' && (expected === undefined || expected === verdict.did)) {
    const again = put(test, group, file)
    if (expected !== undefined || JSON.stringify(again) === JSON.stringify(verdict)) {
      return { agrees: true }
    }
    return { agrees: false, fault: 'another answer on the second try' }
  }
  const reason = explain(verdict, test, group, file)
  if (reason !== undefined) return { agrees: false, reason }
  return { agrees: false, fault: `published as ${test.result}, but ${verdict.did}` }
}

const published = { valid: 'accepted', invalid: 'refused', acceptable: undefined } as const

function put(test: Case, group: Group, file: VectorFile): Verdict | string {
  const shape = shapes.get(group.type)
  if (shape === undefined) return `nobody knows the shape ${group.type} (${file.schema})`
  try {
    return shape(test, group, file)
  } catch (fault) {
    return `a fault was thrown: ${fault instanceof Error ? fault.message : 'no error'}`
  }
}
