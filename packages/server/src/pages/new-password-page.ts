import { hiddenFields, formNotice, type FormTrouble } from './form-fields.ts'
import { html, type Html } from './html.ts'
import {
  newPasswordFaults,
  newPasswordField,
  type NewPasswordTrouble,
} from './new-password-parts.ts'
import type { Page, Place, Setting } from './page.ts'
import { askingPanel } from './panels.ts'
import { errorSummary } from './parts.ts'
import { fillText } from './texts.ts'

export type { NewPasswordTrouble } from './new-password-parts.ts'

/** The page of a person who chooses a new password: because the old one must change, or after a proof by mail. */
export interface NewPasswordState {
  /** The path that takes the form. */
  readonly action: `/${string}`
  readonly formValue: string
  /** The secret of the step, where a ticket allows it; sent back as `flow`. */
  readonly flow?: string | undefined
  readonly who: string
  readonly place?: Place | undefined
  readonly because: 'listed' | 'too_short' | 'asked' | 'reset' | 'first' | 'restored'
  /** Units: code points. */
  readonly lengthMin: number
  readonly trouble?: NewPasswordTrouble | FormTrouble | undefined
}

/** Renders the page that asks for a new password. Pure. */
export function newPasswordPage(state: NewPasswordState, setting: Setting): Page {
  const { texts } = setting
  const { trouble } = state
  const faults =
    typeof trouble === 'object' ? [] : newPasswordFaults(trouble, state.lengthMin, setting)
  const notice = typeof trouble === 'object' ? formNotice(trouble, texts) : undefined
  const { heading, hint } = reasonOf(state, setting)
  return {
    status: notice?.status ?? (faults.length > 0 ? 400 : 200),
    headers: notice?.headers ?? {},
    title: texts.newPassword,
    isError: faults.length > 0,
    panel: askingPanel(setting, state.place),
    answer: html`${errorSummary(texts.summaryPassword, faults)}
      <h1>${heading}</h1>
      <p>${hint}</p>
      ${notice?.note}
      <form method="post" action="${state.action}">
        ${hiddenFields({ form: state.formValue, lang: texts.lang, flow: state.flow })}
        <input
          class="away"
          name="username"
          value="${state.who}"
          autocomplete="username"
          readonly
          tabindex="-1"
          aria-hidden="true"
        />
        <p class="dim">${fillText(texts, 'newPasswordFor', { who: state.who })}</p>
        ${newPasswordField(texts.newPasswordLabel, state.lengthMin, faults, setting)}
        <button class="btn first wide">${texts.savePassword}</button>
      </form>`,
  }
}

function reasonOf(
  { because, who }: NewPasswordState,
  { site, texts }: Setting,
): { readonly heading: Html | string; readonly hint: Html | string } {
  switch (because) {
    case 'listed':
      return { heading: texts.newPassword, hint: texts.newPasswordListed }
    case 'too_short':
      return { heading: texts.newPassword, hint: texts.newPasswordShort }
    case 'asked':
      return {
        heading: texts.newPassword,
        hint: fillText(texts, 'newPasswordAsked', { place: site.name }),
      }
    case 'reset':
      return {
        heading: fillText(texts, 'newPasswordReset', { who }),
        hint: texts.newPasswordResetHint,
      }
    case 'first':
      return {
        heading: fillText(texts, 'newPasswordFirst', { who }),
        hint: texts.newPasswordFirstHint,
      }
    case 'restored':
      return {
        heading: fillText(texts, 'newPasswordRestored', { who }),
        hint: texts.newPasswordRestoredHint,
      }
  }
}
