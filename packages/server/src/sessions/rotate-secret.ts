import type { AuditContext } from '../audit/events.ts'
import type { ClientRecord } from '../store/port/records.ts'
import type { RotateOutcome } from '../store/port/store.ts'
import type { FoundSession, SessionDeps } from './session-types.ts'

/** The outcome of a rotation, and the secret that the browser must have from then on. */
interface Rotation {
  readonly outcome: RotateOutcome['outcome']
  readonly secret: string | undefined
}

/** Exchanges the presented secret for its successor, which is the same for all requests that present it. */
export async function rotateSecret(
  { presented }: Pick<FoundSession, 'presented'>,
  client: ClientRecord,
  audit: AuditContext,
  { store, secrets, ttlSeconds }: SessionDeps,
): Promise<Rotation> {
  const { sid, generation, text } = presented
  const next = secrets.mint(sid, generation + 1)
  const rotated = await store.refreshTokens.rotate({
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
  })
  const { outcome } = rotated
  if (outcome === 'rotated') return { outcome, secret: next.text }
  if (outcome !== 'repeated') return { outcome, secret: undefined }
  const secret = secrets.openSuccessor(rotated.successorSeal, text)
  if (secret === undefined) throw new Error('the seal of a session secret does not open')
  return { outcome, secret }
}
