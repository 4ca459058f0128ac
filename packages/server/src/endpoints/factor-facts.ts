import type { FactorDone, FactorFacts } from '../pages/security/factor-rows.ts'
import { accountLevelOf } from '../store/port/factor-records.ts'
import type { BrowserServices } from './browser-services.ts'
import type { SignedInVisitor } from './with-fresh-visitor.ts'

/** Reads the facts of the second factors that the security page shows. */
export async function readFactorFacts(
  { found, factors }: SignedInVisitor,
  query: URLSearchParams,
  store: BrowserServices['store'],
): Promise<FactorFacts> {
  const totp = factors.hasTotp ? await store.factors.findTotp(found.record.userId) : undefined
  return {
    appSince: totp?.confirmedAt,
    mayHaveApp: factors.hasPassword,
    hasFactor: accountLevelOf(factors) === '2',
    codesLeft: factors.recoveryCodesLeft,
    done: acts.find((act) => act === query.get('factor')),
  }
}

const acts: readonly FactorDone[] = ['app-added', 'app-removed', 'last']
