import { parentPort } from 'node:worker_threads'
import { bcrypt } from 'hash-wasm'

/** One hash to be made. Units: `cost` is the logarithm of the rounds. */
export interface BcryptTask {
  readonly message: Uint8Array
  readonly salt: Uint8Array
  readonly cost: number
}

/** A thread of its own, because bcrypt would stop all requests for as long as it runs. */
parentPort?.on('message', ({ message, salt, cost }: BcryptTask) => {
  bcrypt({ password: message, salt, costFactor: cost, outputType: 'binary' }).then(
    (tag) => parentPort?.postMessage(tag, []),
    (fault: unknown) => {
      throw fault
    },
  )
})
