import { checkAttackCodes } from './attack-codes.ts'
import { checkDocstrings } from './docstrings.ts'
import { functionLengths } from './function-lines.ts'
import { checkFunctionNames } from './function-names.ts'
import { checkLanguage } from './language/check-language.ts'
import { checkLines } from './line-rules.ts'
import { checkReasonSwitches } from './reason-switches.ts'
import { checkLinks } from './links.ts'
import { checkNextSteps } from './next-step.ts'
import { checkPageList } from './page-list.ts'
import { isTestFile, readProject } from './project-files.ts'
import type { ProjectFile } from './project-files.ts'

const functionLinesMax = 70
const closureLinesMax = 100

/** Finds breaches of the house style that need no judgement. The linter checks the rest. */
export function checkTidy(files: readonly ProjectFile[]): readonly string[] {
  return [
    ...files.flatMap((file) => [
      ...checkLines(file),
      ...checkReasonSwitches(file),
      ...checkShipped(file),
    ]),
    ...checkLinks(files),
    ...checkNextSteps(files),
    ...checkPageList(files),
    ...checkAttackCodes(files),
    ...checkLanguage(files),
    ...checkFunctionNames(files),
  ]
}

function checkShipped(file: ProjectFile): readonly string[] {
  if (!/\.[jt]s$/u.test(file.path) || isTestFile(file.path)) return []
  return [...checkDocstrings(file), ...checkFunctions(file)]
}

function checkFunctions({ path, text }: ProjectFile): readonly string[] {
  return functionLengths(text).flatMap(({ line, own, whole }) => {
    const start = `${path}:${line} starts a function of`
    if (own > functionLinesMax) return [`${start} ${own} lines; the limit is ${functionLinesMax}`]
    if (whole <= closureLinesMax) return []
    return [`${start} ${whole} lines with its inner functions; the limit is ${closureLinesMax}`]
  })
}

export function main(): number {
  const faults = checkTidy(readProject(process.cwd()))
  for (const fault of faults) console.error(`fault: ${fault}`)
  return faults.length === 0 ? 0 : 1
}
