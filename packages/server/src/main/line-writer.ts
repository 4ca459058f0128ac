import { writeSync } from 'node:fs'

/** What lines are written through; the system's own call unless told otherwise. */
export interface LineWriterDeps {
  /** Gives how many bytes were taken. Throws: what the system says. */
  readonly write: (bytes: Uint8Array) => number
  /** Runs a task a little later, and holds no process open. */
  readonly later: (task: () => void) => void
}

/** Units: bytes kept while nobody takes them. */
const keptBytesMax = 1_048_576

/**
 * Makes what writes lines and never waits for whoever reads them: what is not taken now is kept, up to a limit, and tried
 * again; what is over the limit, or cannot be written at all, is lost, and how many that were is said with the next line.
 * Why: a pipe that nobody reads, or a disk without room for a log, neither holds nor ends a service.
 */
export function createLineWriter(
  { write, later }: LineWriterDeps,
  sayLost: (lines: number) => string,
): (line: string) => void {
  let kept: Uint8Array[] = []
  let keptBytes = 0
  let lost = 0
  let waiting = false

  function take(bytes: Uint8Array): void {
    if (keptBytes + bytes.length > keptBytesMax) {
      lost += 1
      return
    }
    kept.push(bytes)
    keptBytes += bytes.length
  }

  function drain(): void {
    waiting = false
    while (kept[0] !== undefined) {
      const [first] = kept
      let taken
      try {
        taken = write(first)
      } catch (fault) {
        if (isFull(fault)) return tryAgain()
        // Whoever read is gone, or there is no room.
        lost += kept.length
        kept = []
        keptBytes = 0
        return
      }
      keptBytes -= taken
      if (taken < first.length) kept[0] = first.subarray(taken)
      else kept.shift()
    }
  }

  function tryAgain(): void {
    waiting = true
    later(drain)
  }

  return (line) => {
    if (lost > 0 && keptBytes === 0) {
      const told = lost
      lost = 0
      take(Buffer.from(sayLost(told)))
    }
    take(Buffer.from(line))
    if (!waiting) drain()
  }
}

/** Nobody has read what came before. */
function isFull(fault: unknown): boolean {
  return fault instanceof Error && 'code' in fault && fault.code === 'EAGAIN'
}

/** The standard error of this process. Why its stream is looked at: that is what makes a pipe refuse instead of wait. */
export function standardError(): LineWriterDeps {
  void process.stderr.writable
  return {
    write: (bytes) => writeSync(2, bytes),
    later: (task) => void setTimeout(task, againMs).unref(),
  }
}

const againMs = 50
