import { accountPage, type AccountVisitor } from './account-frame.ts'
import { card, things } from './account-parts.ts'
import { html } from './html.ts'
import type { Setting, WidePage } from './page.ts'
import { passkeyChangeNote, passkeysCard, type PasskeysFacts } from './security/passkeys-card.ts'
import { passwordRow, type PasswordFacts } from './security/password-row.ts'

/** The page of passwords, second factors and passkeys. A part whose facts are absent is not shown. */
export interface SecurityState extends AccountVisitor {
  readonly password: PasswordFacts
  readonly passkeys?: PasskeysFacts | undefined
}

/** Renders the security page: a list of parts, each of a file of its own. Pure. */
export function securityPage(state: SecurityState, setting: Setting): WidePage {
  const { texts } = setting
  const parts = {
    place: 'security',
    path: '/account/security',
    heading: texts.accountSecurity,
    content: html`<h1>${texts.accountSecurity}</h1>
      ${state.passkeys && passkeyChangeNote(state.passkeys, setting)}
      ${state.passkeys && passkeysCard(state.passkeys, setting)}
      ${card({
        id: 'other',
        heading: texts.accountPasswordAndStep,
        hint: texts.accountPasswordAndStepHint,
        body: things([passwordRow(state.password, setting)]),
      })}`,
  } as const
  return { ...accountPage(parts, state, setting), usesPasskeys: state.passkeys !== undefined }
}
