import type { AuditContext } from '../audit/events.ts'
import type { ClientRecord } from '../store/port/records.ts'
import type { RefreshPlan, RotateOutcome } from '../store/port/refresh-verbs.ts'
import type { FoundSession, SessionDeps } from './session-types.ts'

/** The outcome of a rotation, and the secret that the browser must have from then on. */
interface Rotation {
  readonly outcome: RotateOutcome['outcome']
  readonly secret: string | undefined
}

/** A rotation to be made by a verb, and the reader of the new secret from its outcome. */
interface PlannedRotation {
  readonly rotation: RefreshPlan
  readonly read: (rotated: RotateOutcome) => string | undefined
}

/** Exchanges the presented secret for its successor, which is the same for all requests that present it. */
export async function rotateSecret(
  found: Pick<FoundSession, 'presented'>,
  client: ClientRecord,
  audit: AuditContext,
  deps: SessionDeps,
): Promise<Rotation> {
  const { rotation, read } = planRotation(found, client, audit, deps)
  const rotated = await deps.store.refreshTokens.rotate(rotation)
  return { outcome: rotated.outcome, secret: read(rotated) }
}

/** Plans the exchange of the presented secret. */
export function planRotation(
  { presented }: Pick<FoundSession, 'presented'>,
  client: ClientRecord,
  audit: AuditContext,
  { secrets, ttlSeconds }: SessionDeps,
): PlannedRotation {
  const { sid, generation, text } = presented
  const next = secrets.mint(sid, generation + 1)
  const rotation: RefreshPlan = {
    sid,
    clientId: client.id,
    clientVersion: client.version,
    presentedGeneration: generation,
    presentedHash: presented.hash,
    nextHash: next.hash,
    nextSeal: secrets.sealSuccessor(next.text, text),
    jkt: null,
    repeatWindowSeconds: 0,
    repeatUntilSuccessorUsed: true,
    idleTtlSeconds: ttlSeconds,
    audit,
  }
  return {
    rotation,
    read(rotated) {
      if (rotated.outcome === 'rotated') return next.text
      if (rotated.outcome !== 'repeated') return undefined
      const secret = secrets.openSuccessor(rotated.successorSeal, text)
      if (secret === undefined) throw new Error('the seal of a session secret does not open')
      return secret
    },
  }
}
