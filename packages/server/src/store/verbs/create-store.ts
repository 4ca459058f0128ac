import type { EpochSeconds } from '@countersign/jwt'
import type { Store } from '../port/store.ts'
import { one, type Driver, type Verb } from '../port/verb.ts'
import { accountVerbs } from './account.ts'
import { authorizationVerbs } from './authorization.ts'
import { auditVerbs } from './audit.ts'
import { changeVerbs } from './changes.ts'
import { withFreshDigests } from './chain.ts'
import { consentVerbs } from './consents.ts'
import { clientVerbs } from './clients.ts'
import { moment } from './columns.ts'
import { counterVerbs } from './counters.ts'
import { factorVerbs } from './factors.ts'
import { importVerbs } from './imports.ts'
import { keyVerbs } from './keys.ts'
import { passkeyVerbs } from './passkeys.ts'
import { outboxVerbs } from './outbox.ts'
import { mailTicketVerbs } from './mail-tickets.ts'
import { createPrune } from './prune.ts'
import { countRecords } from './record-counts.ts'
import { refreshVerbs } from './refresh-tokens.ts'
import { resourceVerbs } from './resources.ts'
import { revocationVerbs } from './revocations.ts'
import { sessionVerbs } from './sessions.ts'
import { spentVerbs } from './spent.ts'
import { statusListVerbs } from './status-lists.ts'
import { proofVerbs } from './proofs.ts'
import { ticketVerbs } from './tickets.ts'
import { userVerbs } from './users.ts'

/** Makes a store of all verbs over one driver. `randomId` makes the digests of the log unique. */
export function createStore(plainDriver: Driver, randomId: () => string): Store {
  const driver = withFreshDigests(plainDriver, randomId)
  return {
    clients: clientVerbs(driver),
    users: userVerbs(driver),
    imports: importVerbs(driver),
    account: accountVerbs(driver),
    counters: counterVerbs(driver),
    resources: resourceVerbs(driver),
    keys: keyVerbs(driver),
    refreshTokens: refreshVerbs(driver),
    sessions: sessionVerbs(driver),
    passkeys: passkeyVerbs(driver),
    factors: factorVerbs(driver),
    outbox: outboxVerbs(driver),
    tickets: { ...ticketVerbs(driver), ...mailTicketVerbs(driver) },
    proofs: proofVerbs(driver),
    authorizations: authorizationVerbs(driver),
    consents: consentVerbs(driver),
    spent: spentVerbs(driver),
    revocations: revocationVerbs(driver),
    statusLists: statusListVerbs(driver),
    audit: auditVerbs(driver),
    changes: changeVerbs(driver),
    recordCounts: () => driver.read(countRecords),
    now: () => driver.read(clock),
    health: driver.health,
    prune: createPrune(driver),
    close: driver.close,
  }
}

function* clock(): Verb<EpochSeconds> {
  const row = yield* one(`select {now} as now`)
  if (row === undefined) throw new Error('the database gave no time')
  return moment(row, 'now')
}
