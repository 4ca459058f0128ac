import type { Migration } from '../port/migration.ts'
import { begin } from './0001-begin.ts'
import { statusLists } from './0002-status-lists.ts'
import { logChain } from './0003-log-chain.ts'
import { people } from './0004-people.ts'
import { clientClaims } from './0005-client-claims.ts'
import { sessions } from './0006-sessions.ts'
import { disabledUsers } from './0007-disabled-users.ts'
import { passkeys } from './0008-passkeys.ts'
import { outbox } from './0009-outbox.ts'
import { secondFactor } from './0010-second-factor.ts'
import { mailTickets } from './0011-mail-tickets.ts'
import { foreignHashes } from './0012-foreign-hashes.ts'
import { authorization } from './0013-authorization.ts'
import { erasures } from './0014-erasures.ts'

/** All steps of the schema, in order. */
export const migrations: readonly Migration[] = [
  begin,
  statusLists,
  logChain,
  people,
  clientClaims,
  sessions,
  disabledUsers,
  passkeys,
  outbox,
  secondFactor,
  mailTickets,
  foreignHashes,
  authorization,
  erasures,
]
