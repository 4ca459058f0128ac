import type { Log } from '../http/log.ts'
import type { StoreFault } from '../store/port/fault.ts'
import { stepOutage, type OutageEffect, type OutageEvent, type OutageState } from './outage-step.ts'

export interface OutageLogDeps {
  readonly log: Pick<Log, 'warn' | 'error'>
  /** The name of the database in the lines: `Postgres`, or `The database`. */
  readonly databaseName: string
  readonly monotonicMs: () => number
  /** Whether the database takes writes now. */
  readonly takesWrites: () => Promise<boolean>
}

/** The log of outages of the database. */
export interface OutageLog {
  /** Takes a fault of work in the background. */
  readonly onBackgroundFault: (fault: StoreFault) => void
  /** Takes the fault for which a request was refused. */
  readonly onRequestFault: (fault: StoreFault) => void
  /** Is called after each read that succeeded. */
  readonly onAnswer: () => void
}

/**
 * Makes the log of outages. The shell of `stepOutage`: it writes the lines.
 * Why: while a database is away each poll and each request fails, and a line for each would hide other lines.
 */
export function createOutageLog(deps: OutageLogDeps): OutageLog {
  let state: OutageState
  let isAsking = false

  function dispatch(event: OutageEvent): void {
    const step = stepOutage(state, event, deps.monotonicMs())
    ;({ state } = step)
    for (const effect of step.effects) writeOutageLine(effect, deps)
  }

  const take = (isRequest: boolean) => (fault: StoreFault) =>
    dispatch({ type: 'failed', cause: fault.causeName, remedy: fault.message, isRequest })

  return {
    onBackgroundFault: take(false),
    onRequestFault: take(true),
    onAnswer() {
      // A read that succeeds does not show that writes do.
      if (state === undefined || isAsking) return
      isAsking = true
      deps
        .takesWrites()
        .then(
          (writes) => writes && dispatch({ type: 'answered' }),
          () => undefined,
        )
        .finally(() => (isAsking = false))
    },
  }
}

function writeOutageLine(effect: OutageEffect, { log, databaseName }: OutageLogDeps): void {
  const { cause } = effect
  const because = `(${phrases[cause] ?? cause.replaceAll('_', ' ')})`
  switch (effect.do) {
    case 'reportBegin':
      return log.error(
        { event: 'outage_began', cause },
        `${databaseName} fails ${because}. ${effect.remedy}`,
      )
    case 'reportCause':
      return log.error(
        { event: 'outage_cause', ...numbersOf(effect) },
        `${databaseName} still fails, now ${because}. ${effect.remedy}`,
      )
    case 'reportLength':
      return log.error(
        { event: 'outage_goes_on', ...numbersOf(effect) },
        `${databaseName} still fails ${because} after ${lengthOf(effect)}.`,
      )
    case 'reportEnd':
      return log.warn(
        { event: 'outage_ended', ...numbersOf(effect) },
        `${databaseName} is back after ${lengthOf(effect)}.`,
      )
  }
}

type WithFigures = Exclude<OutageEffect, { readonly do: 'reportBegin' }>

function numbersOf({ cause, seconds, refused }: WithFigures) {
  return { cause, seconds, refused }
}

function lengthOf({ seconds, refused }: WithFigures): string {
  return `${seconds} s, ${refused} ${refused === 1 ? 'request' : 'requests'} refused`
}

/** The words for causes whose names do not say enough. */
const phrases: Readonly<Record<string, string | undefined>> = {
  password: 'wrong password',
  admission: 'user not admitted',
  database: 'no such database',
  refused: 'connection refused',
  name: 'unknown host name',
  tls: 'TLS',
  connections: 'no connection left',
  silent: 'silent, no answer in time',
  lost: 'connection lost',
  read_only: 'read-only',
  full: 'disk full',
  busy: 'took too long',
}
