import { hash } from 'node:crypto'
import type { Driver, Verb } from '../port/verb.ts'

/**
 * Adds a digest as the last parameter to each statement that adds a batch to the hash chain.
 * Why: the digest is ready before the statement locks the head. Its 128 random bits make the hashes of two logs differ
 * for ever, once one of them was rolled back.
 */
export function withFreshDigests(driver: Driver, randomId: () => string): Driver {
  return { ...driver, write: (verb) => driver.write(() => addDigests(verb(), randomId)) }
}

function* addDigests<T>(verb: Verb<T>, randomId: () => string): Verb<T> {
  let step = verb.next()
  while (!step.done) {
    const ask = step.value
    if (ask.batch === null) step = verb.next(yield ask)
    else {
      const digest = hash('sha256', randomId() + ask.batch, 'hex')
      step = verb.next(yield { ...ask, batch: null, params: [...ask.params, digest] })
    }
  }
  return step.value
}
