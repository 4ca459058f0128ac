/**
 * Runs code of the owner and ignores its failure: a log, a snapshot for the next start.
 * Why: an error or a rejected promise of such code must not end the process or a loop of ours.
 */
export function runAndIgnoreFailure(task: () => unknown): void {
  try {
    void Promise.resolve(task()).catch(() => undefined)
  } catch {}
}

/** Runs a task later on a timer. Returns the function that cancels it. */
export type Later = (seconds: number, task: () => void) => () => void

/** Units: seconds. The longest wait for code of the owner. */
export const answerSecondsMax = 3

/**
 * Waits for the answer of code of the owner.
 * Throws: Error if it takes longer; otherwise the fault of that code.
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

/** Waits for the answer of a port of the owner. Returns `undefined` if it fails or takes too long. */
export function answerOrNothing<T>(
  ask: () => Promise<T>,
  later: (seconds: number, task: () => void) => () => void,
): Promise<T | undefined> {
  return new Promise((resolve) => {
    const cancel = later(answerSecondsMax, () => resolve(undefined))
    const resolveWith = (answer?: T): void => {
      cancel()
      resolve(answer)
    }
    Promise.resolve()
      .then(ask)
      .then(resolveWith, () => resolveWith())
  })
}
