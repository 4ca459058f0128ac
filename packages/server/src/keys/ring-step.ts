import type { EpochSeconds } from '@countersign/jwt'
import type { KeyRecord } from '../store/port/records.ts'
import {
  dueSteps,
  type KeyGroup,
  type KeyStep,
  type KeyTimes,
  type WantedGroup,
} from './lifecycle.ts'
import { nameOf, viewsOf, type KeyViews, type Opened } from './views.ts'

/** All keys in memory, and the groups that must have keys. */
export interface RingState {
  readonly needed: ReadonlyMap<string, WantedGroup>
  readonly opened: ReadonlyMap<string, Opened>
  /** Keys whose seal does not open here. */
  readonly strange: readonly KeyRecord[]
  /** The same object until a key changed. */
  readonly views: KeyViews
}

export type RingEvent =
  /** All keys of the database, and those of them that are open. */
  | {
      readonly type: 'read'
      readonly records: readonly KeyRecord[]
      readonly opened: ReadonlyMap<string, Opened>
    }
  | { readonly type: 'needed'; readonly groups: readonly WantedGroup[] }
  /** The resource of a group is gone. */
  | { readonly type: 'unwanted'; readonly group: KeyGroup }
  /** Takes the steps that are due. Units: `round` counts the rounds since the call. */
  | { readonly type: 'due'; readonly round: number }

/** One thing for the shell to do. */
export type RingEffect =
  | { readonly do: 'takeStep'; readonly step: KeyStep }
  | { readonly do: 'callListeners' }
  /** Reads all keys, then begins a round. */
  | { readonly do: 'readAgain'; readonly round: number }

/** The state after an event, and the effects in their order. */
export interface RingStep {
  readonly state: RingState
  readonly effects: readonly RingEffect[]
}

/** Units: rounds. A node that loses every race in as many has met a fault. */
const roundsMax = 10

/**
 * Says what an event means for the keys. Pure.
 * Throws: Error when the steps of many rounds lead to no rest.
 */
export function stepRing(
  state: RingState,
  event: RingEvent,
  times: KeyTimes,
  now: EpochSeconds,
): RingStep {
  switch (event.type) {
    case 'read':
      return readKeys(state, event.records, event.opened)
    case 'needed':
      return { state: { ...state, needed: withGroups(state.needed, event.groups) }, effects: [] }
    case 'unwanted': {
      const needed = new Map(state.needed)
      needed.delete(nameOf(event.group))
      return { state: { ...state, needed }, effects: [] }
    }
    case 'due':
      return { state, effects: roundOf(state, event.round, times, now) }
  }
}

/** The state before anything was read. */
export function initialRing(needed: readonly WantedGroup[]): RingState {
  const opened = new Map<string, Opened>()
  return { needed: withGroups(new Map(), needed), opened, strange: [], views: viewsOf(opened) }
}

/** A key whose seal opens here. It proves, at a commit, that other processes can open what this one seals. */
export function openableKey({ opened }: RingState): KeyRecord | undefined {
  return [...opened.values()].find(({ isOurs }) => isOurs)?.record
}

/** Why the same views: guards compare a set by identity and prove every token again when it differs. */
function readKeys(
  state: RingState,
  records: readonly KeyRecord[],
  opened: ReadonlyMap<string, Opened>,
): RingStep {
  const strange = records.filter(({ kid }) => opened.get(kid)?.isOurs !== true)
  if (outlineOf(opened) === outlineOf(state.opened))
    return { state: { ...state, opened, strange }, effects: [] }
  return {
    state: { ...state, opened, strange, views: viewsOf(opened) },
    effects: [{ do: 'callListeners' }],
  }
}

function roundOf(
  { opened, needed, strange }: RingState,
  round: number,
  times: KeyTimes,
  now: EpochSeconds,
): readonly RingEffect[] {
  if (round === roundsMax)
    throw new Error('The keys do not come to rest: other nodes undo what this one does.')
  const records = [...opened.values()].map(({ record }) => record)
  const due = dueSteps(records, [...needed.values()], times, now)
  // A process with the new key-encryption key could not open a key that is made now.
  const possible = strange.length === 0 ? due : due.filter(({ act }) => act === 'advance')
  // The first key is made alone: its seal decides which processes may make the others.
  const steps = records.length === 0 ? possible.slice(0, 1) : possible
  if (steps.length === 0) return []
  return [
    ...steps.map((step) => ({ do: 'takeStep', step }) as const),
    { do: 'readAgain', round: round + 1 },
  ]
}

/** The visible state of the keys: their ids and states. */
function outlineOf(opened: ReadonlyMap<string, Opened>): string {
  return [...opened.values()].map(({ record: { kid, state } }) => `${kid} ${state}`).join('\n')
}

function withGroups(
  needed: ReadonlyMap<string, WantedGroup>,
  groups: readonly WantedGroup[],
): ReadonlyMap<string, WantedGroup> {
  return new Map([...needed, ...groups.map((group) => [nameOf(group), group] as const)])
}
