import { ok, type EpochSeconds, type Result } from '@countersign/jwt'
import { isOf, nextStepAt, rotates, type KeyTimes } from '../keys/lifecycle.ts'
import type { Seals } from '../keys/seal.ts'
import type { KeyRecord } from '../store/port/records.ts'
import { refuseOperation, type OperationRefusal, type OperatorDeps } from './operator.ts'

/** A key as an operator sees it; never what is sealed. */
export interface KeyView extends Pick<
  KeyRecord,
  'kid' | 'alg' | 'purpose' | 'audience' | 'state' | 'announcedAt' | 'activatedAt' | 'promisedUntil'
> {
  /** When its next step falls due by the clock; `null` for a standby, which waits for the active one. */
  readonly nextAt: EpochSeconds | null
}

type Outcome<T> = Promise<Result<T, OperationRefusal>>

/** All keys with their states and dates. */
export function listKeys({ ring }: OperatorDeps, times: KeyTimes): readonly KeyView[] {
  return ring.records().map((record) => {
    const { kid, alg, purpose, audience, state, announcedAt, activatedAt, promisedUntil } = record
    const nextAt = nextStepAt(record, times) ?? null
    return { kid, alg, purpose, audience, state, announcedAt, activatedAt, promisedUntil, nextAt }
  })
}

/** Which standbys are meant; all of them where nothing is said. */
export interface RotateOptions {
  readonly alg?: string | undefined
  /** Only the keys of this resource's own. */
  readonly audience?: string | undefined
  readonly force: boolean
}

/** What became of one standby. */
export interface Rotation extends Pick<KeyRecord, 'kid' | 'alg' | 'audience'> {
  /** `lost` where another node was quicker, or the key was burnt meanwhile. */
  readonly outcome: 'activated' | 'too_early' | 'lost'
  /** From when on all guards know it. */
  readonly knownAt: EpochSeconds
}

/**
 * Lets every standby take over now that guards elsewhere know, or with `force` all of them; the former keys verify, or
 * open, until their last token has died.
 * Refuses: `too_early` while there is none that guards are sure to know.
 * Why: a resource that was added a minute ago is no reason for the keys of all others to stay.
 */
export async function rotateKeys(
  options: RotateOptions,
  deps: OperatorDeps,
  times: KeyTimes,
): Outcome<readonly Rotation[]> {
  const standbys = deps.ring
    .records()
    .filter((key) => key.state === 'announced' && rotates(key))
    .filter(({ alg }) => options.alg === undefined || alg === options.alg)
    .filter(({ audience }) => options.audience === undefined || audience === options.audience)
    .map(({ kid, alg, audience, announcedAt }) => {
      const knownAt = (announcedAt + times.announceSeconds) as EpochSeconds
      return { kid, alg, audience, knownAt }
    })
  const [first] = standbys
  if (first === undefined) return refuseOperation('unknown', 'There is no standby to take over.')
  const isReady = ({ knownAt }: typeof first) => options.force || deps.now() >= knownAt
  if (!standbys.some(isReady)) {
    const { kid, knownAt } = standbys.reduce((a, b) => (b.knownAt > a.knownAt ? b : a))
    const wait = Math.ceil(knownAt - deps.now())
    return refuseOperation(
      'too_early',
      `Guards may not know ${kid} for another ${wait} s: wait, or say --force.`,
    )
  }
  const rotations: Rotation[] = []
  for (const standby of standbys) {
    const outcome = isReady(standby) ? await activate(standby.kid, deps) : 'too_early'
    rotations.push({ ...standby, outcome })
  }
  await standBy(deps)
  return ok(rotations)
}

async function activate(kid: string, { store, audit }: OperatorDeps) {
  const outcome = await store.keys.advance(kid, 'announced', 'active', audit)
  return outcome === 'advanced' ? 'activated' : 'lost'
}

/** Reads the keys anew, and makes the standbys that are missing now, whatever resource they are of. */
async function standBy({ ring, store }: OperatorDeps): Promise<void> {
  await ring.refresh()
  await ring.provide(await store.resources.list())
}

/** Burns a key: its tokens are dead at once, its standby takes over. */
export async function burnKey(
  kid: string,
  deps: OperatorDeps,
): Outcome<{ readonly successor: string | null }> {
  const burnt = deps.ring.records().find((key) => key.kid === kid)
  if (burnt?.purpose === 'server')
    return refuseOperation('malformed', `${kid} is a secret of the server, not a key.`)
  if (burnt === undefined || (await deps.store.keys.burn(kid, deps.audit)) === 'unknown')
    return refuseOperation('unknown', `There is no key ${kid}.`)
  await standBy(deps)
  const successor = deps.ring.records().find((key) => isOf(key, burnt) && key.state === 'active')
  return ok({ successor: successor?.kid ?? null })
}

/** Seals every key anew under another key-encryption key, and changes nothing else. */
export async function resealKeys(
  next: Seals,
  { store, seals, audit }: OperatorDeps,
): Outcome<{ readonly count: number }> {
  const records = await store.keys.list()
  const resealed = records.map((record) => ({
    kid: record.kid,
    former: record.sealed,
    sealed: next.seal(seals.open(record.sealed, record), record),
  }))
  if ((await store.keys.reseal(resealed, audit)) === 'stale')
    return refuseOperation('lost', 'A key changed meanwhile: say it again.')
  return ok({ count: resealed.length })
}
