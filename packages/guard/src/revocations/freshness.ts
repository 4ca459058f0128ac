import { ageBetween, type Moment } from '../policy/moment.ts'

/** The evidence that one issuer's messages arrive while they are new. */
export interface Freshness {
  /** The newest fresh message: its arrival, and how late it was. Units: seconds. */
  readonly proof: (Moment & { readonly late: number }) | undefined
  /** Monotonic time minus `iat` of messages that were fresh by the wall clock. Units: seconds. */
  readonly offset: number | undefined
  /** The first message after the wall clock went ahead of the monotonic clock. */
  readonly stepped: { readonly monotonic: number; readonly iat: number } | undefined
}

/** Units: seconds. The largest delay of a fresh message, clock leeway included. */
export const latenessMaxSeconds = 15

/**
 * Units: seconds. After a step of the wall clock, two messages must arrive this far apart, and be as far apart by their
 * signed times. Then the line neither replays nor empties a buffer.
 */
const flowSeconds = 5
const flowSlackSeconds = 2

export const neverFresh: Freshness = { proof: undefined, offset: undefined, stepped: undefined }

/**
 * Decides by its signed time whether a message is fresh, and renews the age if it is. Pure.
 * Why: the wall clock decides first. Later the distance from fresh messages decides too, because a wrong wall clock does
 * not change it. A line with a constant delay is never fresh, because a wrong clock looks the same.
 */
export function judgeFreshness(
  freshness: Freshness,
  iat: number,
  now: Moment,
): { readonly freshness: Freshness; readonly isFresh: boolean } {
  const late = now.wall - iat
  const offset = now.monotonic - iat
  if (Math.abs(late) <= latenessMaxSeconds) {
    const known = freshness.offset ?? offset
    const isNear = Math.abs(offset - known) <= latenessMaxSeconds
    const renewed = renew(freshness, now, Math.max(0, late))
    return {
      freshness: { ...renewed, offset: isNear ? Math.min(offset, known) : offset },
      isFresh: true,
    }
  }
  if (freshness.offset === undefined) return { freshness, isFresh: false }
  const lateness = Math.max(0, offset - freshness.offset)
  if (lateness > latenessMaxSeconds) return { freshness, isFresh: false }
  if (!isAhead(freshness, now)) return { freshness: renew(freshness, now, lateness), isFresh: true }
  const stepped = freshness.stepped ?? { monotonic: now.monotonic, iat }
  const passed = now.monotonic - stepped.monotonic
  const isFlowing = passed >= flowSeconds && iat - stepped.iat >= passed - flowSlackSeconds
  return isFlowing
    ? { freshness: renew(freshness, now, lateness), isFresh: true }
    : { freshness: { ...freshness, stepped }, isFresh: false }
}

/**
 * Returns the seconds since the last fresh message; Infinity before the first.
 * Why: the monotonic clock stops while a machine is suspended, so the larger difference of both clocks counts.
 */
export function ageSeconds({ proof }: Freshness, now: Moment): number {
  return proof === undefined ? Infinity : ageBetween(proof, now) + proof.late
}

function renew(freshness: Freshness, { wall, monotonic }: Moment, late: number): Freshness {
  const { proof } = freshness
  const isNewer =
    proof === undefined ||
    monotonic - late > proof.monotonic - proof.late ||
    wall - late > proof.wall - proof.late
  const renewed = isNewer ? { wall, monotonic, late } : proof
  return { ...freshness, proof: renewed, stepped: undefined }
}

/** Whether the wall clock went further ahead than the monotonic clock since the last fresh message. */
function isAhead({ proof }: Freshness, now: Moment): boolean {
  if (proof === undefined) return false
  const ahead = now.wall - proof.wall - (now.monotonic - proof.monotonic)
  return ahead > latenessMaxSeconds
}
