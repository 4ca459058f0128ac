import { writeSync } from 'node:fs'

/** The functions of the system that write lines. */
export interface LineWriterDeps {
  /** Writes bytes and gives how many were written. Throws: errors of the system. */
  readonly write: (bytes: Uint8Array) => number
  /** Runs a task a little later; it does not keep the process alive. */
  readonly later: (task: () => void) => void
}

/** Units: bytes that wait to be written. */
const keptBytesMax = 1_048_576

/**
 * Makes a writer of lines that never waits for their reader. It keeps lines that cannot be written now, up to a limit, and
 * tries again. Lines over the limit are lost, and so are lines after a failure; the next line states their number.
 * Why: a pipe without a reader, or a full disk, must not stop a service.
 */
export function createLineWriter(
  { write, later }: LineWriterDeps,
  lostLine: (lines: number) => string,
): (line: string) => void {
  let kept: Uint8Array[] = []
  let keptBytes = 0
  let lost = 0
  let waiting = false

  function keep(bytes: Uint8Array): void {
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
      let written
      try {
        written = write(first)
      } catch (fault) {
        if (isFull(fault)) return tryAgain()
        // The reader is gone, or the disk is full.
        lost += kept.length
        kept = []
        keptBytes = 0
        return
      }
      keptBytes -= written
      if (written < first.length) kept[0] = first.subarray(written)
      else kept.shift()
    }
  }

  function tryAgain(): void {
    waiting = true
    later(drain)
  }

  return (line) => {
    if (lost > 0 && keptBytes === 0) {
      const count = lost
      lost = 0
      keep(Buffer.from(lostLine(count)))
    }
    keep(Buffer.from(line))
    if (!waiting) drain()
  }
}

/** Whether a pipe is full because its reader is slow. */
function isFull(fault: unknown): boolean {
  return fault instanceof Error && 'code' in fault && fault.code === 'EAGAIN'
}

/** Gives the standard error of this process. Why it reads a property first: that sets a pipe to refuse instead of wait. */
export function standardError(): LineWriterDeps {
  void process.stderr.writable
  return {
    write: (bytes) => writeSync(2, bytes),
    later: (task) => void setTimeout(task, againMs).unref(),
  }
}

const againMs = 50
