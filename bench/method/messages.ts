/** A question of the conductor to a contender's process. */
export type Ask =
  | { readonly ask: 'run'; readonly operations: number }
  | { readonly ask: 'time'; readonly operations: number }
  | { readonly ask: 'usage' }

/** The resources that a process has used since its start, by its own accounting. */
export interface Usage {
  readonly cpuMicros: number
  readonly peakMegabytes: number
  readonly residentMegabytes: number
}

/** One batch: the count of operations, and their cost. */
export interface Batch {
  readonly operations: number
  readonly cpuMicros: number
  readonly wallMicros: number
  readonly peakMegabytes: number
}

/** The times of single operations, in microseconds. */
export interface Latency {
  readonly p50Micros: number
  readonly p99Micros: number
}

/** Reads this process's own accounting. Units: microseconds of CPU in user and system mode together. */
export function readUsage(): Usage {
  const { user, system } = process.cpuUsage()
  return {
    cpuMicros: user + system,
    peakMegabytes: process.resourceUsage().maxRSS / 1024,
    residentMegabytes: process.memoryUsage.rss() / 2 ** 20,
  }
}
