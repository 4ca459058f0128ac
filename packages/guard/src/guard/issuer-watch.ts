import { whyPage } from './refusal-warnings.ts'

/** The part of an issuer that a guard fetches. */
export type IssuerPart = 'keys' | 'revocations' | 'decryption keys'

/** An issuer that a guard cannot use, or can use again. It has no token and no secret. */
export type IssuerChange =
  /** `address` is fetched; it is the issuer itself unless the option `issuerAddress` names another. */
  | {
      readonly state: 'away'
      readonly issuer: string
      readonly address: string
      readonly part: IssuerPart
      /** Explains the failure in one line, with the status or the code of the connection. */
      readonly failure: string
    }
  | { readonly state: 'back'; readonly issuer: string; readonly awaySeconds: number }

/** The failing parts of one issuer. Plain data. */
interface IssuerReach {
  readonly failing: ReadonlyMap<IssuerPart, string>
  /** When the first part failed. Units: seconds of a clock that never jumps. */
  readonly since: number
}

/** An issuer without a failure. */
const reachable: IssuerReach = { failing: new Map(), since: 0 }

/**
 * Decides whether the outcome of one fetch changes an issuer. Pure.
 * Why: an outage has one begin and one end, however many parts fail and however often they are fetched.
 */
function stepReach(
  reach: IssuerReach,
  part: IssuerPart,
  failure: string | undefined,
  now: number,
): { readonly reach: IssuerReach; readonly changed?: 'away' | { readonly backAfter: number } } {
  const failing = new Map(reach.failing)
  if (failure === undefined) failing.delete(part)
  else failing.set(part, failure)
  const [wasAway, isAway] = [reach.failing.size > 0, failing.size > 0]
  const next = { failing, since: wasAway ? reach.since : now }
  if (wasAway === isAway) return { reach: next }
  return { reach: next, changed: isAway ? 'away' : { backAfter: now - reach.since } }
}

/** Reports the outcome of one fetch: its failure, or undefined for a good answer. */
export type ReportFetch = (part: IssuerPart, failure: string | undefined) => void

/** Watches one issuer and passes on each begin and end of an outage. */
export function watchIssuer(
  { issuer, address }: { readonly issuer: string; readonly address: string },
  onChange: (change: IssuerChange) => void,
  monotonic: () => number,
): ReportFetch {
  let reach = reachable
  return (part, failure) => {
    if (failure === reach.failing.get(part)) return
    const { reach: next, changed } = stepReach(reach, part, failure, monotonic())
    reach = next
    if (changed === undefined) return
    if (changed !== 'away')
      return onChange({ state: 'back', issuer, awaySeconds: changed.backAfter })
    onChange({ state: 'away', issuer, address, part, failure: failure ?? '' })
  }
}

/** Explains a change in one line for the log. */
export function explainIssuerChange(change: IssuerChange): string {
  const { issuer } = change
  if (change.state === 'back')
    return `the issuer ${issuer} is back after ${Math.round(change.awaySeconds)} s`
  const { address, part, failure } = change
  const verb = isUnreachable(failure) ? 'reach' : 'use'
  const place = address === issuer ? issuer : `${issuer} at ${address}`
  const what = failure.startsWith(part) || failure.startsWith('metadata: ') ? '' : `${part}: `
  return `cannot ${verb} the issuer ${place}: ${what}${failure} (${whyPage})`
}

/** Whether a failure concerns the connection or the status, and not the content of an answer. */
function isUnreachable(failure: string): boolean {
  return reachFailures.some((reason) => failure.includes(reason))
}

const reachFailures = ['unreachable', 'timed_out', 'status']
