import { createHmac } from 'node:crypto'
import { ok, refuse, type EpochSeconds, type Result } from '@countersign/jwt'
import { createSecretSeal, deriveSecret, type SecretSeal } from '../../keys/secret-seal.ts'
import type { FactorCounters } from '../../limits/factor-limits.ts'
import type { FactorUse } from '../../store/port/factor-records.ts'
import type { FactorVerbs, SealedTotp } from '../../store/port/factor-verbs.ts'
import type { UserId } from '../../store/port/user-records.ts'
import { makeRecoveryCode, readRecoveryCode, readTotpCode, showRecoveryCode } from './read-code.ts'
import { findTotpStep, secondsAfterStep, totpSecretBytes } from './totp.ts'

/** The kinds of codes that a user types as a second factor. */
export type CodeKind = FactorUse['kind']

/** A code that a user typed, and the place where that happened. */
export interface CodeAttempt {
  readonly userId: UserId
  readonly kind: CodeKind
  readonly typed: string
  readonly address: string
  /** The id of a browser in which this user signed in before. */
  readonly device?: string | undefined
}

/** `code_malformed`: it is no guess. `code_wrong`: of another secret, or of a user without one. */
export type CodeRefusal =
  | { readonly reason: 'code_malformed' }
  | { readonly reason: 'code_wrong' }
  | { readonly reason: 'code_used'; readonly nextInSeconds: number }
  | { readonly reason: 'too_many_codes'; readonly retryAfterSeconds: number }

/** A set of recovery codes: texts to show once, and the hashes to keep. */
export interface RecoveryCodes {
  readonly shown: readonly string[]
  readonly hashes: readonly string[]
}

/** Checks codes of second factors, and makes their secrets. */
export interface SecondFactors {
  /** Counts the attempt, then checks the code. The store uses the code up when the proof takes effect. */
  readonly check: (attempt: CodeAttempt) => Promise<Result<FactorUse, CodeRefusal>>
  /** Makes the secret of a code app, and its seal for this user. */
  readonly newTotp: (userId: UserId) => SealedTotp & { readonly secret: Uint8Array }
  /** Opens a seal; `undefined` where it is of another user, or its key is gone. */
  readonly openTotp: (userId: UserId, totp: SealedTotp) => Uint8Array | undefined
  /** Finds the time step of a code for a secret that is not kept yet. */
  readonly findStep: (
    secret: Uint8Array,
    typed: string,
  ) => Promise<number | 'malformed' | undefined>
  readonly newCodes: (userId: UserId) => RecoveryCodes
}

/** The recovery codes of one set. */
const recoveryCodesCount = 10

export interface SecondFactorDeps {
  readonly store: Pick<FactorVerbs, 'findTotp' | 'findCode'>
  readonly counters: FactorCounters
  /** The secret of the server for second factors, and former ones by their ids. */
  readonly activeSecret: () => ServerSecret
  readonly secretById: (id: string) => ServerSecret | undefined
  readonly randomBytes: (length: number) => Uint8Array
  readonly now: () => EpochSeconds
}

interface ServerSecret {
  readonly id: string
  readonly secret: Uint8Array
}

/** Makes the checks of second factors. Nothing is loaded until a code of an app is checked. */
export function createSecondFactors(deps: SecondFactorDeps): SecondFactors {
  const { store, counters, activeSecret, secretById, randomBytes, now } = deps
  const sealOf = ({ secret }: ServerSecret): SecretSeal =>
    createSecretSeal(secret, 'countersign totp', randomBytes)
  const rowOf = (userId: UserId) => ['totp', userId]

  function openTotp(userId: UserId, { sealId, sealed }: SealedTotp): Uint8Array | undefined {
    const secret = secretById(sealId)
    return secret && sealOf(secret).open(sealed, rowOf(userId))
  }

  function hashCode(userId: UserId, code: string): string {
    const key = deriveSecret(activeSecret().secret, 'countersign recovery codes')
    return createHmac('sha256', key)
      .update(JSON.stringify([userId, code]))
      .digest('base64url')
  }

  /** Checks a code whose attempt was counted. */
  async function judge(
    { userId, kind }: CodeAttempt,
    code: string,
  ): Promise<Result<FactorUse, CodeRefusal>> {
    if (kind === 'recovery') {
      const hash = hashCode(userId, code)
      const isThere = await store.findCode(userId, hash)
      return isThere ? ok({ kind, hash }) : refuse({ reason: 'code_wrong' })
    }
    const totp = await store.findTotp(userId)
    const secret = totp && openTotp(userId, totp)
    if (totp === undefined || secret === undefined) return refuse({ reason: 'code_wrong' })
    const step = await findTotpStep(secret, code, now())
    if (step === undefined) return refuse({ reason: 'code_wrong' })
    if (step <= totp.lastStep)
      return refuse({ reason: 'code_used', nextInSeconds: secondsAfterStep(totp.lastStep, now()) })
    return ok({ kind, step })
  }

  return {
    async check(attempt) {
      const { kind, typed } = attempt
      const code = kind === 'totp' ? readTotpCode(typed) : readRecoveryCode(typed)
      if (code === undefined) return refuse({ reason: 'code_malformed' })
      const count = await counters.count(attempt)
      if (count.outcome === 'limited')
        return refuse({ reason: 'too_many_codes', retryAfterSeconds: count.waitSeconds })
      const judged = await judge(attempt, code)
      // A code that was used already is right, and proves nothing.
      if (judged.ok) await counters.forgive(attempt)
      return judged
    },
    newTotp(userId) {
      const active = activeSecret()
      const secret = randomBytes(totpSecretBytes)
      return { secret, sealId: active.id, sealed: sealOf(active).seal(secret, rowOf(userId)) }
    },
    openTotp,
    async findStep(secret, typed) {
      const code = readTotpCode(typed)
      return code === undefined ? 'malformed' : findTotpStep(secret, code, now())
    },
    newCodes(userId) {
      const codes = Array.from({ length: recoveryCodesCount }, () => makeRecoveryCode(randomBytes))
      return {
        shown: codes.map(showRecoveryCode),
        hashes: codes.map((code) => hashCode(userId, code)),
      }
    },
  }
}
