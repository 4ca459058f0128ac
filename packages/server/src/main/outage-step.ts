/** The time in which the database fails. Units: milliseconds of a clock that never goes back. */
export interface Outage {
  readonly since: number
  /** The newest cause that was reported. */
  readonly cause: string
  readonly causes: readonly string[]
  readonly refused: number
  readonly reportedAt: number
  /** The first answer after the last failure. */
  readonly answeredAt: number | undefined
}

/** `undefined` while the database answers. */
export type OutageState = Outage | undefined

export type OutageEvent =
  | {
      readonly type: 'failed'
      readonly cause: string
      readonly remedy: string
      /** Whether a request was refused for it, and not work in the background. */
      readonly isRequest: boolean
    }
  | { readonly type: 'answered' }

export type OutageEffect =
  | { readonly do: 'reportBegin'; readonly cause: string; readonly remedy: string }
  | ({ readonly do: 'reportCause'; readonly remedy: string } & OutageFigures)
  | ({ readonly do: 'reportLength' } & OutageFigures)
  | ({ readonly do: 'reportEnd' } & OutageFigures)

export interface OutageFigures {
  readonly cause: string
  readonly seconds: number
  readonly refused: number
}

export interface OutageStep {
  readonly state: OutageState
  readonly effects: readonly OutageEffect[]
}

/** The database must answer for this time before the end is reported, so that a flapping database is one outage. */
const calmMs = 1_000
/** An outage that goes on is reported this often. */
const againMs = 60_000
/** Refusals for the age of the revocation log follow from the outage and are no cause of their own. */
export const consequence = 'log_too_old'

/** Decides which lines an event of the database is worth: begin, each new cause, length once a minute, end. Pure. */
export function stepOutage(state: OutageState, event: OutageEvent, now: number): OutageStep {
  if (event.type === 'failed')
    return state === undefined ? begin(event, now) : goOn(state, event, now)
  if (state === undefined) return { state, effects: [] }
  const { answeredAt = now } = state
  if (now - answeredAt < calmMs) return { state: { ...state, answeredAt }, effects: [] }
  return { state: undefined, effects: [{ do: 'reportEnd', ...figuresOf(state, answeredAt) }] }
}

type Failed = Extract<OutageEvent, { readonly type: 'failed' }>

function begin({ cause, remedy, isRequest }: Failed, now: number): OutageStep {
  const state = {
    since: now,
    cause,
    causes: [cause],
    refused: isRequest ? 1 : 0,
    reportedAt: now,
    answeredAt: undefined,
  }
  return { state, effects: [{ do: 'reportBegin', cause, remedy }] }
}

function goOn(before: Outage, { cause, remedy, isRequest }: Failed, now: number): OutageStep {
  const refused = before.refused + (isRequest ? 1 : 0)
  if (cause === consequence) return { state: { ...before, refused }, effects: [] }
  const state = { ...before, refused, answeredAt: undefined }
  if (!before.causes.includes(cause)) {
    const changed = { ...state, cause, causes: [...before.causes, cause], reportedAt: now }
    return { state: changed, effects: [{ do: 'reportCause', remedy, ...figuresOf(changed, now) }] }
  }
  if (now - before.reportedAt < againMs) return { state, effects: [] }
  const reported = { ...state, reportedAt: now }
  return { state: reported, effects: [{ do: 'reportLength', ...figuresOf(reported, now) }] }
}

function figuresOf({ cause, since, refused }: Outage, until: number): OutageFigures {
  const seconds = (until - since) / 1000
  return {
    cause,
    seconds: seconds < 10 ? Math.round(seconds * 10) / 10 : Math.round(seconds),
    refused,
  }
}
