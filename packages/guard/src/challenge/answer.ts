import type { Answer, GuardRefusal } from '../refusal.ts'
import { rowOf, type ChallengeRow } from './rows.ts'

/** The names and schemes of a guard in its challenges. */
export interface ChallengeSettings {
  readonly realm?: string
  /** The address of the protected-resource metadata (RFC 9728 §5.1). */
  readonly resourceMetadata?: string
  /** The accepted schemes, and the algorithms of DPoP proofs. */
  readonly schemes: readonly ('Bearer' | 'DPoP')[]
  readonly dpopAlgorithms: readonly string[]
}

/** The only description of refusals before a signature was proven. */
export const unprovenDescription = 'The access token is not valid'

/**
 * Renders the answer to a refusal: status, challenge and a small JSON body.
 * Why: before the signature is proven, all causes have the same body and headers, so that an attacker learns nothing.
 * Source: RFC 6750 §3; RFC 9449 §7.1; RFC 9470 §3; RFC 9728 §5.1.
 */
export function renderAnswer(refusal: GuardRefusal, settings: ChallengeSettings): Answer {
  const row = rowOf(refusal)
  const description = describeRefusal(refusal, row)
  const headers: Record<string, string> = {
    'cache-control': 'no-store',
    'content-type': 'application/json',
  }
  if (row.status === 401 || row.status === 400 || row.error === 'insufficient_scope')
    headers['www-authenticate'] = renderChallenges(refusal, row, description, settings)
  if ('retryAfterSeconds' in refusal)
    headers['retry-after'] = String(Math.ceil(refusal.retryAfterSeconds))
  if ('nonce' in refusal) headers['dpop-nonce'] = refusal.nonce
  const body = {
    error: row.error ?? 'unauthorized',
    ...(description === undefined ? {} : { error_description: description }),
  }
  return { status: row.status, headers, body: JSON.stringify(body) }
}

/**
 * Whether the answer of a host can be sent.
 * Throws: TypeError for headers that cannot be sent.
 */
export function isAnswer(rendered: unknown): rendered is Answer {
  if (typeof rendered !== 'object' || rendered === null) return false
  const { status, headers, body } = rendered as Partial<Answer>
  if (status === undefined || headers === undefined || typeof body !== 'string') return false
  return Number.isInteger(status) && status >= 200 && status <= 599 && canBeSent(headers)
}

function canBeSent(headers: Answer['headers']): boolean {
  return [...new Headers({ ...headers })].length === Object.keys(headers).length
}

function describeRefusal(refusal: GuardRefusal, row: ChallengeRow): string | undefined {
  if (row.error === undefined) return undefined
  // The facts of an unproven refusal are for the owner only.
  if (!refusal.proven) return row.alwaysNamed ? refusal.reason : unprovenDescription
  return row.says === undefined ? refusal.reason : `${refusal.reason}: ${row.says(refusal)}`
}

function renderChallenges(
  refusal: GuardRefusal,
  row: ChallengeRow,
  description: string | undefined,
  settings: ChallengeSettings,
): string {
  return settings.schemes
    .map((scheme) => {
      const pairs: [string, string | undefined][] = [['realm', settings.realm]]
      // Only the challenge of the used scheme has the error.
      if (row.scheme === undefined || row.scheme === scheme || settings.schemes.length === 1) {
        pairs.push(['error', row.error], ['error_description', description])
        pairs.push(...Object.entries(row.asks?.(refusal) ?? {}))
      }
      if (scheme === 'DPoP') pairs.push(['algs', settings.dpopAlgorithms.join(' ')])
      pairs.push(['resource_metadata', settings.resourceMetadata])
      const text = pairs
        .filter((pair): pair is [string, string] => pair[1] !== undefined)
        .map(([name, value]) => `${name}=${quote(value)}`)
        .join(', ')
      return text === '' ? scheme : `${scheme} ${text}`
    })
    .join(', ')
}

/** Writes a quoted-string that cannot end early or break the line (RFC 9110 §5.6.4). */
function quote(value: string): string {
  let text = ''
  for (const character of value) {
    const code = character.charCodeAt(0)
    if (code < 0x20 || code > 0x7e) text += '?'
    else if (character === '"' || character === '\\') text += `\\${character}`
    else text += character
  }
  return `"${text}"`
}
