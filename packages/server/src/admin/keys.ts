import { ok, type EpochSeconds, type Result } from '@countersign/jwt'
import { isOf, nextStepAt, rotates, type KeyTimes } from '../keys/lifecycle.ts'
import type { Seals } from '../keys/seal.ts'
import type { KeyRecord } from '../store/port/records.ts'
import { refuseOperation, type OperationRefusal, type OperatorDeps } from './operator.ts'

/** A key as an operator sees it, without its private part. */
export interface KeyView extends Pick<
  KeyRecord,
  | 'kid'
  | 'alg'
  | 'purpose'
  | 'audience'
  | 'state'
  | 'announcedAt'
  | 'activatedAt'
  | 'verifiableUntil'
> {
  /** When its next step is due; `null` for a standby, which waits for the active key. */
  readonly nextAt: EpochSeconds | null
}

type Outcome<T> = Promise<Result<T, OperationRefusal>>

/** Lists all keys with their states and dates. */
export function listKeys({ ring }: OperatorDeps, times: KeyTimes): readonly KeyView[] {
  return ring.records().map((record) => {
    const { kid, alg, purpose, audience, state, announcedAt, activatedAt, verifiableUntil } = record
    const nextAt = nextStepAt(record, times) ?? null
    return { kid, alg, purpose, audience, state, announcedAt, activatedAt, verifiableUntil, nextAt }
  })
}

/** Selects standbys. Default: all. */
export interface RotateOptions {
  readonly alg?: string | undefined
  /** Selects the own keys of this resource. */
  readonly audience?: string | undefined
  readonly force: boolean
}

/** The outcome of a rotation for one standby. */
export interface Rotation extends Pick<KeyRecord, 'kid' | 'alg' | 'audience'> {
  /** `lost` where another node was quicker, or the key was burnt meanwhile. */
  readonly outcome: 'activated' | 'too_early' | 'lost'
  /** The moment from which all guards know the key. */
  readonly knownAt: EpochSeconds
}

/**
 * Activates every standby that all guards know, or with `force` every standby. The former keys verify or decrypt until
 * their last token has expired.
 * Refuses: `too_early` while guards may know none of the standbys.
 * Why it skips young standbys: a resource that was added a minute ago must not delay the keys of all others.
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
  if (first === undefined) return refuseOperation('unknown', 'There is no standby key to activate.')
  const isReady = ({ knownAt }: typeof first) => options.force || deps.now() >= knownAt
  if (!standbys.some(isReady)) {
    const { kid, knownAt } = standbys.reduce((a, b) => (b.knownAt > a.knownAt ? b : a))
    const wait = Math.ceil(knownAt - deps.now())
    return refuseOperation(
      'too_early',
      `Some guards may not know ${kid} for another ${wait} s: wait, or say --force.`,
    )
  }
  const rotations: Rotation[] = []
  for (const standby of standbys) {
    const outcome = isReady(standby) ? await activate(standby.kid, deps) : 'too_early'
    rotations.push({ ...standby, outcome })
  }
  await addStandbys(deps)
  return ok(rotations)
}

async function activate(kid: string, { store, audit }: OperatorDeps) {
  const outcome = await store.keys.advance(kid, 'announced', 'active', audit)
  return outcome === 'advanced' ? 'activated' : 'lost'
}

/** Reads the keys again, and makes the missing standbys of all resources. */
async function addStandbys({ ring, store }: OperatorDeps): Promise<void> {
  await ring.refresh()
  await ring.provide(await store.resources.list())
}

/** Burns a key: revokes its tokens at once and activates its standby. */
export async function burnKey(
  kid: string,
  deps: OperatorDeps,
): Outcome<{ readonly successor: string | null }> {
  const burnt = deps.ring.records().find((key) => key.kid === kid)
  if (burnt?.purpose === 'server')
    return refuseOperation('malformed', `${kid} is a secret of the server, not a key.`)
  if (burnt === undefined || (await deps.store.keys.burn(kid, deps.audit)) === 'unknown')
    return refuseOperation('unknown', `There is no key ${kid}.`)
  await addStandbys(deps)
  const successor = deps.ring.records().find((key) => isOf(key, burnt) && key.state === 'active')
  return ok({ successor: successor?.kid ?? null })
}

/**
 * Makes another pepper: passwords are hashed with it from now on. A password with a former pepper is right too, and is
 * hashed again at the next sign-in.
 */
export async function rotatePepper({
  ring,
  audit,
}: OperatorDeps): Outcome<{ readonly id: string }> {
  if ((await ring.renewSecret('password-pepper', audit)) === 'lost')
    return refuseOperation('lost', 'Another process rotates it too: look before you run it again.')
  return ok({ id: ring.activeSecret('password-pepper').id })
}

/** Seals every key again, under another key-encryption key; changes nothing else. */
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
    return refuseOperation('lost', 'A key changed meanwhile: run the command again.')
  return ok({ count: resealed.length })
}
