import type { EpochSeconds } from '@countersign/jwt'
import { accountPage, type AccountVisitor } from './account-frame.ts'
import { card, note, quietForm, things, type Thing } from './account-parts.ts'
import { html, type Html } from './html.ts'
import type { Setting, WidePage } from './page.ts'
import { sayScope } from './say-scope.ts'
import { fillPlainText, fillText, sayDay } from './texts.ts'

/** An app that has access to the account. */
export interface AccountApp {
  readonly clientId: string
  readonly name: string
  readonly scopes: readonly string[]
  readonly since: EpochSeconds
}

/** The page of connected apps. */
export interface AppsState extends AccountVisitor {
  readonly formValue: string
  readonly apps: readonly AccountApp[]
  /** The name of the app that was removed a moment ago. */
  readonly removed?: string | undefined
}

const path = '/account/apps'

/** Renders the list of apps that have access to the account. Pure. */
export function appsPage(state: AppsState, setting: Setting): WidePage {
  const { texts } = setting
  const { apps, removed } = state
  const content = html`<h1>${texts.accountApps}</h1>
    ${removed === undefined ? undefined : note('good', fillText(texts, 'accountAppRemoved', { app: removed }))}
    ${card({
      id: 'apps',
      heading: texts.accountAppsAway,
      hint: apps.length === 0 ? undefined : texts.accountAppsHint,
      body:
        apps.length === 0
          ? html`<div class="body"><p class="dim">${texts.accountAppsNone}</p></div>`
          : things(apps.map((app) => appRow(app, state, setting))),
    })}`
  const parts = { place: 'apps', path, heading: texts.accountApps, content } as const
  return accountPage(parts, state, setting)
}

function appRow(app: AccountApp, { formValue }: AppsState, { texts }: Setting): Thing {
  const { clientId, name, scopes, since } = app
  const shown = scopes.filter((scope) => scope !== offline)
  const may = shown.map(
    (scope, at): Html => html`${at === 0 ? '' : ' · '}${sayScope(scope, texts)}`,
  )
  const remove = {
    action: `${path}/remove`,
    formValue,
    fields: { client: clientId },
    text: texts.accountAppRemove,
    label: fillPlainText(texts, 'accountAppRemoveFull', { app: name }),
    ends: true,
  } as const
  return {
    icon: 'app',
    name,
    ...(scopes.includes(offline) ? { mark: { text: texts.consentStays } } : {}),
    meta: html`${may}<br />${fillText(texts, 'accountAppSince', { day: sayDay(texts, since) })}`,
    acts: [quietForm(remove, texts)],
  }
}

const offline = 'offline_access'
