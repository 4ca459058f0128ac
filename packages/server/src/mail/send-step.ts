import type { EpochSeconds } from '@countersign/jwt'
import type { MailTrouble, SendOutcome } from './mail-transport.ts'

/** Units: seconds. The first pause of a mail, and the longest one. */
const firstPauseSeconds = 60
const pauseSecondsMax = 6 * 3_600
/** Units: seconds. The longest pause where the server was at fault, which may work again at any time. */
const serverPauseSecondsMax = 300

/** The pause of one mail after a try that failed; it doubles with each. `null`: no further try. Units: seconds. */
export function pauseAfter(
  tries: number,
  { isFinal, concerns }: { readonly isFinal: boolean; readonly concerns: 'mail' | 'server' },
): number | null {
  if (isFinal) return null
  const longest = concerns === 'mail' ? pauseSecondsMax : serverPauseSecondsMax
  return Math.min(longest, firstPauseSeconds * 2 ** Math.min(tries - 1, 20))
}

/** The state of sending as a whole. */
export interface SendingState {
  /** Nothing is sent before. */
  readonly pausedUntil: EpochSeconds
  /** The rounds in a row in which the mail server took nothing. */
  readonly failedRounds: number
  /** The trouble that was last reported and is not over. */
  readonly reported: MailTrouble | undefined
}

export const initialSending: SendingState = {
  pausedUntil: 0 as EpochSeconds,
  failedRounds: 0,
  reported: undefined,
}

/** A line for the log. */
export type SendingLine =
  | { readonly says: 'fails'; readonly trouble: MailTrouble; readonly code: number | undefined }
  | { readonly says: 'works' }

interface SendingStep {
  readonly state: SendingState
  readonly line: SendingLine | undefined
}

/** Units: seconds. */
const firstRoundPauseSeconds = 5
const roundPauseSecondsMax = 60

/**
 * Decides after one round of tries whether the next round waits, and what the log says. Pure.
 * Why a round waits: while the server is away, mail that waits would be postponed further with each try.
 */
export function stepSending(
  state: SendingState,
  outcomes: readonly SendOutcome[],
  now: EpochSeconds,
): SendingStep {
  const ofServer = outcomes.flatMap((one) =>
    one.outcome === 'refused' && one.concerns === 'server' ? [one] : [],
  )
  const [first] = ofServer
  if (first === undefined) {
    if (outcomes.length === 0) return { state, line: undefined }
    const line = state.reported === undefined ? undefined : ({ says: 'works' } as const)
    return { state: initialSending, line }
  }
  if (ofServer.length < outcomes.length) return { state, line: undefined }
  const { trouble, code } = first
  const pause = firstRoundPauseSeconds * 2 ** Math.min(state.failedRounds, 10)
  return {
    state: {
      pausedUntil: (now + Math.min(roundPauseSecondsMax, pause)) as EpochSeconds,
      failedRounds: state.failedRounds + 1,
      reported: trouble,
    },
    line: trouble === state.reported ? undefined : { says: 'fails', trouble, code },
  }
}

/** Units: seconds. Mail that is older is reported. */
const waitSecondsMax = 300

/** Whether the oldest mail has waited for so long that the log says so. */
export function waitsLong(oldestAt: EpochSeconds | null, now: EpochSeconds): boolean {
  return oldestAt !== null && now - oldestAt > waitSecondsMax
}
