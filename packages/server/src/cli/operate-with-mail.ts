import type { OperatorDeps } from '../admin/operator.ts'
import type { ResetDeps } from '../admin/user-factors.ts'
import type { Config } from '../config/config.ts'
import { createMailComposer } from '../mail/compose-mail.ts'
import { createMailSeals } from '../mail/seal-mail.ts'

/** Adds the composer of mail to the services of an operation. A running node sends what it writes. */
export function withMail(deps: OperatorDeps, { mailServer }: Config): ResetDeps {
  if (mailServer === undefined) return { ...deps, mail: undefined }
  const { ring, randomBytes, randomId } = deps
  const seals = createMailSeals({ secret: ring.secret('mail'), randomBytes })
  return { ...deps, mail: createMailComposer({ seals, randomId }) }
}
