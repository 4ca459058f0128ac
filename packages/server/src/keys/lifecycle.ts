import type { EpochSeconds } from '@countersign/jwt'
import type { KeyRecord, KeyState } from '../store/port/records.ts'

/** Keys of one purpose, algorithm and resource: one of them is active, one is its standby. */
export type KeyGroup = Pick<KeyRecord, 'purpose' | 'alg' | 'audience'>

/** A group whose new keys may need a curve. */
export interface WantedGroup extends KeyGroup {
  readonly curve?: 'X25519' | 'P-256' | 'P-384' | 'P-521' | undefined
}

/** Units: seconds. */
export interface KeyTimes {
  /** How long a key signs. */
  readonly periodSeconds: number
  /** How long others may hold an older set of keys; a key is known that long before it signs. */
  readonly announceSeconds: number
  /** How much longer than `verifiableUntil` our verifiers accept a token. */
  readonly leewaySeconds: number
}

/** The steps to take now. The store takes each step only from the state of its decision. */
export type KeyStep =
  | { readonly act: 'create'; readonly group: WantedGroup; readonly state: 'announced' | 'active' }
  | {
      readonly act: 'advance'
      readonly kid: string
      readonly from: KeyState
      readonly to: 'active' | 'gone'
    }

/**
 * Decides which steps are due by the clock. Pure; any node may take them.
 * Why: a key is announced before it signs and stays until the last token under it has expired, so guards know every key.
 * There is always one announced key, so a burnt one has a successor that guards know already.
 * Source: ours.
 */
export function dueSteps(
  keys: readonly KeyRecord[],
  wanted: readonly WantedGroup[],
  times: KeyTimes,
  now: EpochSeconds,
): readonly KeyStep[] {
  return [
    ...wanted.flatMap((group) => stepsOf(group, keys, times, now)),
    ...keys.filter((key) => isOver(key, times, now)).map(goneStep),
  ]
}

/** Gives the moment when the next step of a key is due, for listings; `undefined` when none is planned. */
export function nextStepAt(key: KeyRecord, times: KeyTimes): EpochSeconds | undefined {
  if (!rotates(key)) return undefined
  switch (key.state) {
    case 'announced':
      return undefined
    case 'active':
      return ((key.activatedAt ?? key.announcedAt) + times.periodSeconds) as EpochSeconds
    case 'retired':
      return (key.verifiableUntil + times.leewaySeconds) as EpochSeconds
  }
}

/** Whether a key is rotated. Server secrets and shared secrets are not: others have tokens or copies of them. */
export function rotates({ purpose, alg }: Pick<KeyGroup, 'purpose' | 'alg'>): boolean {
  return purpose !== 'server' && !alg.startsWith('HS')
}

function stepsOf(
  group: WantedGroup,
  keys: readonly KeyRecord[],
  times: KeyTimes,
  now: EpochSeconds,
): readonly KeyStep[] {
  const mine = keys.filter((key) => isOf(key, group))
  const active = mine.find(({ state }) => state === 'active')
  const standby = mine.find(({ state }) => state === 'announced')
  const announce: KeyStep = { act: 'create', group, state: 'announced' }
  if (active === undefined) {
    if (standby !== undefined) return [activate(standby), announce]
    const first: KeyStep = { act: 'create', group, state: 'active' }
    return rotates(group) ? [first, announce] : [first]
  }
  if (!rotates(group)) return []
  if (standby === undefined) return [announce]
  const isOld = now >= (active.activatedAt ?? active.announcedAt) + times.periodSeconds
  const isKnown = now >= standby.announcedAt + times.announceSeconds
  return isOld && isKnown ? [activate(standby), announce] : []
}

export function isOf(key: KeyGroup, group: KeyGroup): boolean {
  return key.purpose === group.purpose && key.alg === group.alg && key.audience === group.audience
}

/** Whether a key may go. A former pepper stays, because passwords were hashed with it. */
function isOver(key: KeyRecord, { leewaySeconds }: KeyTimes, now: EpochSeconds): boolean {
  return (
    key.purpose !== 'server' && key.state === 'retired' && now > key.verifiableUntil + leewaySeconds
  )
}

function activate({ kid }: KeyRecord): KeyStep {
  return { act: 'advance', kid, from: 'announced', to: 'active' }
}

function goneStep({ kid }: KeyRecord): KeyStep {
  return { act: 'advance', kid, from: 'retired', to: 'gone' }
}
