import type { EpochSeconds } from '@countersign/jwt'
import { accountAddress } from '../account-address.ts'
import { note, quietLink, type Thing } from '../account-parts.ts'
import type { Html } from '../html.ts'
import type { Setting } from '../page.ts'
import { fillCount, fillText, sayDay } from '../texts.ts'

/** The facts of the second factors that their rows show. */
export interface FactorFacts {
  /** Absent for a user without a code app. */
  readonly appSince: EpochSeconds | undefined
  /** Whether a code app would be of use: it stands next to a password. */
  readonly mayHaveApp: boolean
  /** Whether the account has a second factor of any kind. */
  readonly hasFactor: boolean
  readonly codesLeft: number
  readonly done?: FactorDone | undefined
}

/** The act that led to the page. `last`: nothing was removed. */
export type FactorDone = 'app-added' | 'app-removed' | 'last'

/** The rows of the code app and the recovery codes. Pure. */
export function factorRows(facts: FactorFacts, setting: Setting): readonly Thing[] {
  const { appSince, mayHaveApp, hasFactor } = facts
  return [
    ...(appSince !== undefined || mayHaveApp ? [appRow(appSince, setting)] : []),
    ...(hasFactor ? [codesRow(facts, setting)] : []),
  ]
}

const path = '/account/security/app-code'

function appRow(since: EpochSeconds | undefined, { texts }: Setting): Thing {
  const { lang } = texts
  const setUp = accountAddress(path, lang)
  if (since === undefined)
    return {
      icon: 'clock',
      name: texts.factorApps,
      meta: texts.factorAppsNone,
      acts: [
        quietLink({ address: setUp, text: texts.factorAppAdd, label: texts.factorAppAddFull }),
      ],
    }
  return {
    icon: 'clock',
    name: texts.factorApps,
    mark: { text: texts.factorOn, kind: 'good' },
    meta: fillText(texts, 'factorAppSince', { day: sayDay(texts, since) }),
    acts: [
      quietLink({
        address: setUp,
        text: texts.factorAppReplace,
        label: texts.factorAppReplaceFull,
      }),
      quietLink({
        address: accountAddress(`${path}/remove`, lang),
        text: texts.factorRemove,
        label: texts.factorRemoveFull,
        ends: true,
      }),
    ],
  }
}

function codesRow({ codesLeft }: FactorFacts, { texts }: Setting): Thing {
  return {
    icon: 'list',
    name: texts.codesHeading,
    ...(codesLeft <= fewCodes ? { mark: { text: texts.codesFew, kind: 'warn' as const } } : {}),
    meta:
      codesLeft === 0
        ? texts.codesNone
        : fillCount(texts, 'codesLeftOne', 'codesLeftMany', codesLeft),
    acts: [
      quietLink({
        address: accountAddress('/account/security/recovery-codes', texts.lang),
        text: texts.codesMake,
        label: texts.codesMakeFull,
      }),
    ],
  }
}

/** So few codes that the row asks for new ones. */
const fewCodes = 3

/** The note about the act that led to the page. */
export function factorNote({ done }: FactorFacts, { texts }: Setting): Html | undefined {
  switch (done) {
    case undefined:
      return undefined
    case 'app-added':
      return note('good', texts.factorTurnedOn)
    case 'app-removed':
      return note('good', texts.factorRemoved, texts.factorRemovedHint)
    case 'last':
      return note('warn', texts.factorLastWay, texts.factorLastWayHint)
  }
}
