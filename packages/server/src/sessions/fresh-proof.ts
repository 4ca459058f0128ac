import type { EpochSeconds } from '@countersign/jwt'
import type { Level } from '../store/port/factor-records.ts'
import type { SessionRecord } from '../store/port/session-verbs.ts'

/** How long a proof allows changes of the account. Units: seconds. */
const freshProofSeconds = 900

interface ProofFacts extends Pick<SessionRecord, 'acr' | 'provedAt'> {
  readonly accountLevel: Level
  readonly now: EpochSeconds
}

/**
 * Decides whether the user of a session must prove again to be there before a change. Pure.
 * Why a moment ahead of now counts as old: the clock was set back since.
 * Source: ours (docs/people.md).
 */
export function judgeFreshProof({
  acr,
  provedAt,
  accountLevel,
  now,
}: ProofFacts): 'fresh' | 'confirm' {
  if (!hasLevel(acr, accountLevel)) return 'confirm'
  const age = now - provedAt
  return age > -clockStepSeconds && age <= freshProofSeconds ? 'fresh' : 'confirm'
}

/** Clocks of nodes and databases differ by so much at most. Units: seconds. */
const clockStepSeconds = 60

export function hasLevel(acr: Level, wanted: Level): boolean {
  return acr === '2' || wanted === '1'
}
