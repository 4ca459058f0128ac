import { createHash } from 'node:crypto'
import { encodeBase64url, isJsonObject, parseStrictJson } from '@countersign/jwt'
import type { Store } from '../store/port/store.ts'
import type { UserId } from '../store/port/user-records.ts'
import type { PasskeyMode } from './passkey-types.ts'

/** Units: bytes. Source: Web Authentication Level 3 §13.4.3 (16 at least). */
const challengeBytes = 32

/** How long a challenge lives. Units: seconds. */
const challengeTtlSeconds = 600

/** The browser that a challenge is for, and the user where one is known. */
export interface ChallengeHolder {
  readonly browserHash: string
  readonly userId: UserId | null
}

/** Makes and spends challenges. */
export interface Challenges {
  readonly create: (mode: PasskeyMode, holder: ChallengeHolder) => Promise<string>
  /** Spends a challenge; gives its mode. `undefined`: it is spent, has expired, or is of another browser or user. */
  readonly spend: (challenge: string, holder: ChallengeHolder) => Promise<PasskeyMode | undefined>
}

/**
 * Makes the challenges of passkeys. A challenge is the secret of a ticket.
 * Why it is spent before the response is verified: a response that is not right needs a new challenge, and those are
 * limited.
 */
export function createChallenges(deps: {
  readonly tickets: Pick<Store['tickets'], 'create' | 'redeem'>
  readonly randomBytes: (length: number) => Uint8Array
}): Challenges {
  return {
    async create(mode, { browserHash, userId }) {
      const challenge = encodeBase64url(deps.randomBytes(challengeBytes))
      await deps.tickets.create({
        purpose: 'webauthn',
        hash: hashOf(challenge),
        browserHash,
        userId,
        nameKey: null,
        payload: JSON.stringify({ mode }),
        attemptsMax: 1,
        ttlSeconds: challengeTtlSeconds,
      })
      return challenge
    },
    async spend(challenge, { browserHash, userId }) {
      const key = { purpose: 'webauthn', hash: hashOf(challenge), browserHash } as const
      const ticket = await deps.tickets.redeem(key)
      if (ticket === undefined || ticket.userId !== userId) return undefined
      return modeOf(ticket.payload)
    },
  }
}

const modes: readonly PasskeyMode[] = ['sign_in', 'confirm', 'add', 'add_unasked']

/** Throws: where the payload is not ours. */
function modeOf(payload: string): PasskeyMode {
  const parsed = parseStrictJson(payload)
  const mode = parsed.ok && isJsonObject(parsed.value) ? parsed.value['mode'] : undefined
  const known = modes.find((one) => one === mode)
  if (known === undefined) throw new Error('a challenge has no mode')
  return known
}

function hashOf(challenge: string): string {
  return createHash('sha256').update(challenge).digest('base64url')
}
