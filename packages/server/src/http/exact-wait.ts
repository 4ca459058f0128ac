/** Units: milliseconds. A timer on a busy machine is this late, so at least this part of a wait is polled. */
const timerLateMs = 0.7

interface Waiting {
  readonly until: number
  readonly resolve: () => void
}

let polled: Waiting[] = []

/**
 * Waits until a moment of `performance.now()`, exact to some microseconds on a machine that is idle.
 * Units: milliseconds.
 * Why: a timer counts whole milliseconds from the end of the work before it, so its delay would contain that work. Most
 * of the wait is a timer. The event loop polls the clock for the rest, and serves other requests between two polls.
 */
export function waitUntil(until: number): Promise<void> {
  return new Promise((resolve) => {
    const timerMs = Math.floor(until - performance.now() - timerLateMs)
    if (timerMs >= 1) setTimeout(poll, timerMs, { until, resolve })
    else poll({ until, resolve })
  })
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
