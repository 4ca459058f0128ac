import { runAndIgnoreFailure } from '../outbound/owners-code.ts'
import type { GuardOptions } from './options.ts'

/** Writes one line for the owner of a guard. */
export type WriteWarning = (line: string) => void

/**
 * Finds where the warnings of a guard go. Returns undefined if it writes none.
 * Why: in production a guard writes none unless its owner asks for them. A flood of bad requests must not fill a log.
 */
export function openWarnings(
  warnings: GuardOptions['warnings'],
  isProduction: () => boolean,
): WriteWarning | undefined {
  if (typeof warnings === 'function') return (line) => runAndIgnoreFailure(() => warnings(line))
  const isOn = warnings ?? !isProduction()
  return isOn ? (line) => console.warn(line) : undefined
}
