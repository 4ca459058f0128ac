import { accountAddress } from './account-address.ts'
import { accountPage, type AccountVisitor } from './account-frame.ts'
import { card, note, things } from './account-parts.ts'
import { confirmAddress } from './confirm-address.ts'
import { html, type Html } from './html.ts'
import type { Setting, WidePage } from './page.ts'
import { factorNote, factorRows, type FactorFacts } from './security/factor-rows.ts'
import { passkeyChangeNote, passkeysCard, type PasskeysFacts } from './security/passkeys-card.ts'
import { passwordRow, type PasswordFacts } from './security/password-row.ts'
import { fillCount } from './texts.ts'

/** The page of passwords, second factors and passkeys. A part whose facts are absent is not shown. */
export interface SecurityState extends AccountVisitor {
  readonly password: PasswordFacts
  readonly factors?: FactorFacts | undefined
  readonly passkeys?: PasskeysFacts | undefined
  readonly done?: SecurityDone | undefined
  /** Whether a change here asks for a new proof first. Default: false. */
  readonly needsProof?: boolean
}

/** The act that led to the page. `others` counts the other devices that were signed out. */
export interface SecurityDone {
  readonly act: 'password_changed'
  readonly others: number
}

/** Renders the security page: a list of parts, each of a file of its own. Pure. */
export function securityPage(state: SecurityState, setting: Setting): WidePage {
  const { texts } = setting
  const parts = {
    place: 'security',
    path: '/account/security',
    heading: texts.accountSecurity,
    content: html`<h1>${texts.accountSecurity}</h1>
      ${state.done && doneNote(state.done, setting)} ${proofNote(state, setting)}
      ${state.factors && factorNote(state.factors, setting)}
      ${state.passkeys && passkeyChangeNote(state.passkeys, setting)}
      ${state.passkeys && passkeysCard(state.passkeys, setting)}
      ${card({
        id: 'other',
        heading: texts.accountPasswordAndStep,
        hint: texts.accountPasswordAndStepHint,
        body: things([
          passwordRow(state.password, setting),
          ...(state.factors === undefined ? [] : factorRows(state.factors, setting)),
        ]),
      })}`,
  } as const
  return { ...accountPage(parts, state, setting), usesPasskeys: state.passkeys !== undefined }
}

function doneNote({ others }: SecurityDone, { texts }: Setting): Html {
  const ended =
    others === 0
      ? undefined
      : fillCount(texts, 'accountPasswordChangedOther', 'accountPasswordChangedOthers', others)
  return note('good', texts.accountPasswordChanged, ended)
}

function proofNote({ needsProof = false }: SecurityState, { texts }: Setting): Html | undefined {
  if (!needsProof) return undefined
  const returnTo = accountAddress('/account/security', texts.lang)
  const address = confirmAddress({ lang: texts.lang, why: 'account', returnTo })
  const link = html`<a href="${address}">${texts.accountConfirm}</a>`
  return note('plain', texts.accountConfirmNeeded, link)
}
