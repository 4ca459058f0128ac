import type { Machine } from './machine.ts'
import { ratioOfRounds, summarize } from './statistics.ts'
import type { Summary } from './statistics.ts'

/** The role of a row: the physical limit, ours, a peer's product, or a plain variant to compare with. */
export type Role = 'limit' | 'ours' | 'peer' | 'baseline'

/** One contender's measurements of one operation. */
export interface Row {
  readonly name: string
  readonly role: Role
  /** CPU time of one operation, in microseconds. */
  readonly cpu: Summary
  /** CPU time of one operation in each round, in microseconds. */
  readonly rounds: readonly number[]
  readonly perSecond: number
  readonly p50Micros: number
  readonly p99Micros: number
  /** The p99 of each round, in microseconds, where a round has enough times for one. */
  readonly p99Rounds?: readonly number[]
  readonly peakMegabytes: number
  /** Cost as a multiple of the limit, round by round; absent where there is no limit. */
  readonly toLimit?: Summary
}

/** Contenders that did the same thing in the same run. */
export interface Group {
  readonly name: string
  readonly rows: readonly Row[]
}

export interface Table {
  readonly id: string
  readonly title: string
  /** The operation, and the facts that a reader of the numbers needs. */
  readonly note: string
  readonly groups: readonly Group[]
}

/** A table of other facts: accepted tokens, sizes, times. */
export interface FactTable {
  readonly title: string
  readonly note: string
  readonly columns: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

/** A promised figure, the reached one, and the reason where it is missed. */
export interface Target {
  readonly what: string
  readonly target: string
  readonly reached: string
  readonly met: boolean
  readonly reason?: string
}

export interface BenchResult {
  readonly bench: string
  readonly title: string
  readonly measuredAt: string
  readonly seconds: number
  readonly machine: Machine
  readonly versions: Readonly<Record<string, string>>
  readonly commit: string
  readonly tables: readonly Table[]
  readonly facts: readonly FactTable[]
  readonly targets: readonly Target[]
  /** The things that could not be measured here, and why. */
  readonly missing: readonly string[]
}

/** The report of a contender's rounds. */
export interface Measurement {
  readonly name: string
  readonly role: Role
  readonly rounds: readonly number[]
  readonly perSecond: number
  readonly p50Micros: number
  readonly p99Micros: number
  readonly p99Rounds?: readonly number[]
  readonly peakMegabytes: number
}

/** Compares measurements of one run, each as a multiple of the limit. */
export function groupOf(name: string, measured: readonly Measurement[]): Group {
  const limit = measured.find(({ role }) => role === 'limit')
  return {
    name,
    rows: measured.map((row) => ({
      ...row,
      cpu: summarize(row.rounds),
      ...(limit === undefined ? {} : { toLimit: ratioOfRounds(row.rounds, limit.rounds) }),
    })),
  }
}

/** The row of a contender. Throws: when it did not run. */
export function rowOf(group: Group, name: string): Row {
  const row = group.rows.find((row) => row.name === name)
  if (row === undefined) throw new RangeError(`${name} has no row in ${group.name}`)
  return row
}

/** The cheapest peer of a group, by its median. */
export function bestPeer(group: Group): Row | undefined {
  return group.rows
    .filter(({ role }) => role === 'peer')
    .toSorted((a, b) => a.cpu.median - b.cpu.median)[0]
}
