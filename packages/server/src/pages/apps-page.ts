import { accountPage, type AccountVisitor } from './account-frame.ts'
import { card } from './account-parts.ts'
import { html } from './html.ts'
import type { Setting, WidePage } from './page.ts'

/** Renders the page of applications that can use the account while the person is away. None can yet. Pure. */
export function appsPage(visitor: AccountVisitor, setting: Setting): WidePage {
  const { texts } = setting
  const content = html`<h1>${texts.accountApps}</h1>
    ${card({
      id: 'apps',
      heading: texts.accountAppsAway,
      body: html`<div class="body"><p class="dim">${texts.accountAppsNone}</p></div>`,
    })}`
  const parts = {
    place: 'apps',
    path: '/account/apps',
    heading: texts.accountApps,
    content,
  } as const
  return accountPage(parts, visitor, setting)
}
