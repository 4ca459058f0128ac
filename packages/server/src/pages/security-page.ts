import { accountPage, type AccountVisitor } from './account-frame.ts'
import { card, things } from './account-parts.ts'
import { html } from './html.ts'
import type { Setting, WidePage } from './page.ts'
import { passwordRow, type PasswordFacts } from './security/password-row.ts'

/** The page of passwords, second factors and passkeys. A part whose facts are absent is not shown. */
export interface SecurityState extends AccountVisitor {
  readonly password: PasswordFacts
}

/** Renders the security page: a list of parts, each of a file of its own. Pure. */
export function securityPage(state: SecurityState, setting: Setting): WidePage {
  const { texts } = setting
  const parts = {
    place: 'security',
    path: '/account/security',
    heading: texts.accountSecurity,
    content: html`<h1>${texts.accountSecurity}</h1>
      ${card({
        id: 'other',
        heading: texts.accountPasswordAndStep,
        hint: texts.accountPasswordAndStepHint,
        body: things([passwordRow(state.password, setting)]),
      })}`,
  } as const
  return accountPage(parts, state, setting)
}
