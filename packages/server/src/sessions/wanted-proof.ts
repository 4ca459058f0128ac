import type { EpochSeconds } from '@countersign/jwt'
import type { Level } from '../store/port/factor-records.ts'
import type { SessionRecord } from '../store/port/session-verbs.ts'

/** The proof that an application asks for. Source: RFC 9470 §3. */
export interface WantedProof {
  /** The levels that are enough; empty for any. */
  readonly levels: readonly Level[]
  /** How long ago the user may have proven to be there; absent for any time. */
  readonly maxAgeSeconds: number | undefined
}

/** Units: letters of a number, and levels that are read. */
const digitsMax = 9
const levelsMax = 8

/** Reads `acr_values` and `max_age` of an address. Unknown levels and texts that are no number count for nothing. */
export function readWantedProof(query: URLSearchParams): WantedProof {
  const named = (query.get('acr_values') ?? '').split(' ', levelsMax)
  const age = query.get('max_age') ?? ''
  const isNumber = age !== '' && age.length <= digitsMax && Array.from(age).every(isDigit)
  return {
    levels: (['1', '2'] as const).filter((level) => named.includes(level)),
    maxAgeSeconds: isNumber ? Number(age) : undefined,
  }
}

function isDigit(sign: string): boolean {
  return sign >= '0' && sign <= '9'
}

/**
 * Decides how a session comes to a wanted proof. `second_factor`: the user needs one first. Pure.
 * Why a session of level 2 is enough for level 1: it proved more.
 */
export function judgeWantedProof(
  { levels, maxAgeSeconds }: WantedProof,
  { acr, authTime }: Pick<SessionRecord, 'acr' | 'authTime'>,
  accountLevel: Level,
  now: EpochSeconds,
): 'enough' | 'confirm' | 'second_factor' {
  const needsBoth = levels.length > 0 && !levels.includes('1')
  if (needsBoth && acr === '1') return accountLevel === '2' ? 'confirm' : 'second_factor'
  const isOld = maxAgeSeconds !== undefined && now - authTime > maxAgeSeconds
  return isOld ? 'confirm' : 'enough'
}
