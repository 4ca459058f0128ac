/**
 * Runs code of the owner whose failure may cost nothing but itself: a log, a memory for the next start.
 * Why: what it throws, now or in its promise, would else end a process or a loop that has nothing to do with it.
 */
export function runAside(task: () => unknown): void {
  try {
    void Promise.resolve(task()).catch(() => undefined)
  } catch {}
}

/** Runs a task later on a timer, and gives its cancellation. */
export type Later = (seconds: number, task: () => void) => () => void

/** Units: seconds. The longest wait for code of the owner's. */
export const answerSecondsMax = 3

/**
 * Waits for the answer of code of the owner's.
 * Throws: Error where it takes longer; otherwise the fault of that code.
 */
export function answerInTime<T>(
  ask: () => T | Promise<T>,
  secondsMax: number,
  later: (seconds: number, task: () => void) => () => void,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const cancel = later(secondsMax, () =>
      reject(new Error(`no answer within ${secondsMax} seconds`)),
    )
    new Promise<T>((answer) => answer(ask())).then(resolve, reject).finally(cancel)
  })
}

/** Units: seconds. */
const patienceSeconds = 3

/** Waits for what a port of the owner answers; `undefined` where it fails or takes long. */
export function askPatiently<T>(
  ask: () => Promise<T>,
  later: (seconds: number, task: () => void) => () => void,
): Promise<T | undefined> {
  return new Promise((resolve) => {
    const cancel = later(patienceSeconds, () => resolve(undefined))
    const settle = (answer?: T): void => {
      cancel()
      resolve(answer)
    }
    Promise.resolve()
      .then(ask)
      .then(settle, () => settle())
  })
}
