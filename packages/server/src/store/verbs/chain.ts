import { hash } from 'node:crypto'
import type { Driver, Verb } from '../port/verb.ts'

/**
 * Gives each statement that links a batch to the chain its digest, as the last parameter.
 * Why: the digest is ready before the statement takes the lock of the head; its 128 random bits keep two logs that part
 * from ever having one hash again.
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
