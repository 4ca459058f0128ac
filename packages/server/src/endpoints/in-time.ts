import { storeFault } from '../store/port/fault.ts'
import type { MaybePromise } from '../maybe-promise.ts'

/** Units: milliseconds; with what came before, the answer leaves within two seconds. */
const answerMs = 1_700

/**
 * Gives up what needs the database more than once and gets too little of it.
 * Throws: a store fault that passes, so that the edge answers 503.
 * Why: each look at a database is given up in time by itself, their sum is not. What is committed behind the answer is
 * given again to whoever repeats the request.
 */
export function inTime<T>(work: MaybePromise<T>): MaybePromise<T> {
  if (!(work instanceof Promise)) return work
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(tooSlow()), answerMs)
    const settle = () => clearTimeout(timer)
    work.finally(settle).then(resolve, reject)
  })
}

function tooSlow() {
  const sentence =
    'The database answers each question, but too slowly for a request that has several. Look for locks and load; a service that runs goes on by itself.'
  return storeFault('busy', sentence, { mayHaveCommitted: true })
}
