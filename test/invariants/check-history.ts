import {
  generationOf,
  type Call,
  type FinalState,
  type History,
  type Violation,
} from './history.ts'

/**
 * Looks for violations in a history of refresh families, after any death of the processes.
 * Not checked: calls with an unknown outcome, except that they happened completely or not at all.
 */
export function checkHistory({ calls, finals }: History): readonly Violation[] {
  const families = new Map<string, Call[]>()
  for (const call of calls) {
    const known = families.get(call.family)
    if (known === undefined) families.set(call.family, [call])
    else known.push(call)
  }
  const violations: Violation[] = []
  for (const [family, own] of families) {
    const facts = factsOf(own, finals.get(family))
    for (const [invariant, check] of Object.entries(invariants)) {
      for (const said of check(facts)) violations.push({ invariant, family, said })
    }
  }
  return violations
}

interface Facts {
  readonly calls: readonly Call[]
  readonly refreshes: readonly Call[]
  /** Refreshes that were answered with a token, as pairs. */
  readonly steps: readonly { readonly call: Call; readonly from: string; readonly to: string }[]
  /** Whether nobody ever presented an older token or ended the family. */
  readonly honest: boolean
  /** When the family was first said to be dead. Units: milliseconds. */
  readonly deadMs: number
  readonly final: FinalState | undefined
}

/** Each returns its findings; an empty list means no violation. */
const invariants: Readonly<Record<string, (facts: Facts) => Iterable<string>>> = {
  /** All answers to one token name the same successor. */
  *one_successor({ steps }) {
    const successors = new Map<string, string>()
    for (const { from, to } of steps) {
      const known = successors.get(from)
      if (known !== undefined && known !== to) {
        yield `generation ${generationOf(from)} has two successors`
      }
      successors.set(from, to)
    }
  },

  /** Each generation is one token: a family has no second branch. */
  *one_branch({ steps }) {
    const tokens = new Map<number, string>()
    for (const { from, to } of steps) {
      if (generationOf(to) !== generationOf(from) + 1) {
        yield `generation ${generationOf(from)} was followed by ${generationOf(to)}`
      }
      for (const token of [from, to]) {
        const known = tokens.get(generationOf(token))
        if (known !== undefined && known !== token) {
          yield `generation ${generationOf(token)} is two tokens`
        }
        tokens.set(generationOf(token), token)
      }
    }
  },

  /** A family that was reported dead gives no later token. */
  *dead_is_dead({ steps, deadMs, final }) {
    for (const { call, from } of steps) {
      if (call.startMs > deadMs) yield `generation ${generationOf(from)} lived after its death`
    }
    if (deadMs < Infinity && final !== undefined && final.generation !== null) {
      yield `it lives in the end, at generation ${final.generation}`
    }
  },

  /** A token is not accepted after its successor was used. */
  *real_time_order({ steps }) {
    for (const { call, from } of steps) {
      const later = steps.find(
        (step) => generationOf(step.from) > generationOf(from) && step.call.endMs < call.startMs,
      )
      if (later !== undefined) {
        yield `generation ${generationOf(from)} was served after ${generationOf(later.from)} was used`
      }
    }
  },

  /** An honest user is never logged out. */
  *honest_is_served({ honest, refreshes, final }) {
    if (!honest) return
    for (const { token, answer } of refreshes) {
      if (answer.kind === 'refused') {
        yield `generation ${generationOf(token)} was refused as ${answer.reason}`
      }
    }
    if (final !== undefined && final.generation === null) yield 'it is dead in the end'
  },

  /** Every answered rotation holds, and at most one rotation happened without an answer. */
  *acknowledged_is_durable({ steps, final }) {
    if (final === undefined || final.generation === null) return
    const answered = Math.max(1, ...steps.map(({ to }) => generationOf(to)))
    if (final.generation < answered) {
      yield `generation ${answered} was answered, ${final.generation} was kept`
    }
    if (final.generation > answered + 1) {
      yield `generation ${final.generation} was kept, only ${answered} was answered`
    }
  },

  /** Each rotation, alarm and end has one event, and each event has its act. */
  *audit_is_exact({ steps, refreshes, final }) {
    if (final === undefined) return
    const events = (name: string) => final.events[name] ?? 0
    if (events('family_opened') !== 1) yield `it was opened ${events('family_opened')} times`
    const rotated = new Set(steps.map(({ from }) => from)).size
    if (final.generation !== null && events('refresh_rotated') !== final.generation - 1) {
      yield `${events('refresh_rotated')} rotations were noted up to generation ${final.generation}`
    }
    if (events('refresh_rotated') < rotated) {
      yield `${events('refresh_rotated')} rotations were noted of ${rotated}`
    }
    const alarms = refreshes.filter(
      ({ answer }) => answer.kind === 'refused' && answer.reason === 'replayed',
    ).length
    if (events('refresh_replayed') < alarms || events('refresh_replayed') > 1) {
      yield `${events('refresh_replayed')} alarms were noted of ${alarms}`
    }
    const ends = final.generation === null ? 1 : 0
    if (events('family_ended') !== ends)
      yield `${events('family_ended')} ends were noted of ${ends}`
  },

  /** A family that was ended is in the revocation log, once; a living one is not. */
  *end_is_revoked({ final }) {
    if (final === undefined) return
    const due = final.generation === null ? 1 : 0
    if (final.entries !== due) yield `the log has ${final.entries} entries instead of ${due}`
  },
}

function factsOf(calls: readonly Call[], final: FinalState | undefined): Facts {
  const refreshes = calls.filter(({ act }) => act === 'refresh')
  const steps = refreshes.flatMap((call) =>
    call.answer.kind === 'token' ? [{ call, from: call.token, to: call.answer.token }] : [],
  )
  const deaths = calls
    .filter(({ answer }) => isDeath(answer.kind, answer))
    .map(({ endMs }) => endMs)
  return {
    calls,
    refreshes,
    steps,
    honest:
      calls.every((call) => call.act !== 'end') && !refreshes.some((call) => isOld(call, steps)),
    deadMs: Math.min(Infinity, ...deaths),
    final,
  }
}

function isDeath(kind: Call['answer']['kind'], answer: Call['answer']): boolean {
  if (kind === 'ended') return true
  return answer.kind === 'refused' && ['replayed', 'ended', 'expired'].includes(answer.reason)
}

/** Whether a newer generation than the successor may have been out when this token was presented. */
function isOld(call: Call, steps: Facts['steps']): boolean {
  const generation = generationOf(call.token)
  return steps.some(
    ({ call: other, from }) => generationOf(from) > generation && other.startMs <= call.endMs,
  )
}
