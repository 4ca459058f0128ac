import { storeFault } from '../store/port/fault.ts'
import type { MaybePromise } from '../maybe-promise.ts'

/** Units: milliseconds. With the work before it, the answer is sent within two seconds. */
const answerMs = 1_700

/**
 * Limits the time of a request that needs the database more than once.
 * Throws: a transient store fault, so that the edge answers 503.
 * Why: each query has a limit of its own, but their sum has none. A client that repeats a request that was committed
 * afterwards gets its result.
 */
export function limitTime<T>(work: MaybePromise<T>): MaybePromise<T> {
  if (!(work instanceof Promise)) return work
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(tooSlow()), answerMs)
    const stopTimer = () => clearTimeout(timer)
    work.finally(stopTimer).then(resolve, reject)
  })
}

function tooSlow() {
  const sentence =
    'The database answers each query, but too slowly for a request with several queries. Look for locks and load; a service that runs goes on by itself.'
  return storeFault('busy', sentence, { mayHaveCommitted: true })
}
