/**
 * Units: milliseconds. The first timer of a wait is this much shorter than the wait, because a timer of a busy machine is
 * late. The event loop polls the clock for the rest.
 */
const polledMs = 1.65
/** Units: milliseconds. Later timers have a multiple of this length, and leave this time at least to the poll. */
const stepMs = 4
const timerLateMs = 0.7

/** A wait that runs since its work began. */
export interface ExactWait {
  /** Resolves when the wait is over. If it is over already, it is over at the next multiple of its length. */
  readonly end: (laterMs: number) => Promise<void>
  /** Ends the timer. Nobody waits. */
  readonly cancel: () => void
}

interface Waiting {
  readonly until: number
  readonly resolve: () => void
}

let polled: Waiting[] = []

/**
 * Begins a wait of a fixed length, exact to some microseconds on a machine that is idle. `began` is a moment of
 * `performance.now()`.
 * Units: milliseconds.
 * Why: a timer counts whole milliseconds from the work before it, so a timer that is set after the work shows its length.
 * This one is set before the work waits for anything, and its length is always the same. The event loop polls the clock
 * for the rest, and serves other requests between two polls.
 */
export function beginWait(began: number, lengthMs: number): ExactWait {
  let isTimed = true
  let waiting: Waiting | undefined
  const timer = setTimeout(
    () => {
      isTimed = false
      if (waiting !== undefined) waitFurther(waiting)
    },
    Math.floor(lengthMs - polledMs),
  )
  return {
    cancel: () => clearTimeout(timer),
    end: (laterMs) =>
      new Promise((resolve) => {
        const passed = performance.now() - began - laterMs
        const lengths = Math.max(1, Math.ceil(passed / lengthMs))
        waiting = { until: began + laterMs + lengths * lengthMs, resolve }
        if (!isTimed) waitFurther(waiting)
      }),
  }
}

/** Waits for the rest. Why steps: works of nearly the same length are followed by timers of the same length. */
function waitFurther(waiting: Waiting): void {
  const restMs = waiting.until - performance.now() - timerLateMs
  const timerMs = Math.floor(restMs / stepMs) * stepMs
  if (timerMs > 0) setTimeout(poll, timerMs, waiting)
  else poll(waiting)
}

function poll(waiting: Waiting): void {
  polled.push(waiting)
  if (polled.length === 1) resolveDue()
}

function resolveDue(): void {
  const now = performance.now()
  const all = polled
  polled = []
  for (const waiting of all)
    if (waiting.until <= now) waiting.resolve()
    else polled.push(waiting)
  if (polled.length > 0) setImmediate(resolveDue)
}
