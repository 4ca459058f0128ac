import type { OperatorDeps } from '../admin/operator.ts'
import type { UserOperatorDeps } from '../admin/user-operator.ts'
import type { Config } from '../config/config.ts'
import { defaults } from '../config/defaults.ts'
import { createHashQueue } from '../hashing/hash-queue.ts'
import { createPasswordHasher } from '../hashing/password-hasher.ts'
import { peppersOf } from '../hashing/ring-peppers.ts'
import { loadPasswordRules } from './load-password-rules.ts'

/** Adds the services that operations on users need to those of every operation. */
export function withPasswords(deps: OperatorDeps, config: Config): UserOperatorDeps {
  const { randomBytes, ring } = deps
  const enter = createHashQueue({
    runningMax: defaults.hashesRunningMax,
    waitingMax: defaults.hashesWaitingMax,
  })
  return {
    ...deps,
    passwords: createPasswordHasher({
      peppers: peppersOf(ring),
      enter,
      randomBytes,
      monotonicMs: () => performance.now(),
    }),
    rules: loadPasswordRules(config),
    issuer: config.issuer,
  }
}
