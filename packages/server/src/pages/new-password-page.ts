import { html, type Html } from './html.ts'
import type { Page, Place, Setting } from './page.ts'
import { askingPanel } from './panels.ts'
import { errorSummary, passwordInput, type PageFault } from './parts.ts'
import { fillText, sayNumber } from './texts.ts'

/** The page of a person who must change the password before going on. */
export interface NewPasswordState {
  /** The path that takes the form. */
  readonly action: `/${string}`
  readonly formValue: string
  readonly who: string
  readonly place?: Place | undefined
  readonly because: 'listed' | 'too_short' | 'asked'
  /** Units: code points. */
  readonly lengthMin: number
  readonly trouble?: NewPasswordTrouble | undefined
}

export type NewPasswordTrouble = 'too_short' | 'common' | 'own_name' | 'same'

/** Renders the page that asks for a new password. Pure. */
export function newPasswordPage(state: NewPasswordState, setting: Setting): Page {
  const { texts } = setting
  const faults = faultsOf(state, setting)
  const hint = fillText(texts, 'newPasswordHint', { count: sayNumber(texts, state.lengthMin) })
  const field = {
    id: 'new-password',
    name: 'new_password',
    autocomplete: 'new-password',
    minLength: state.lengthMin,
    describedBy: ['new-password-hint'],
  } as const
  return {
    status: faults.length > 0 ? 400 : 200,
    title: texts.newPassword,
    isError: faults.length > 0,
    panel: askingPanel(setting, state.place),
    answer: html`${errorSummary(texts.summaryPassword, faults)}
      <h1>${texts.newPassword}</h1>
      <p>${reasonText(state, setting)}</p>
      <form method="post" action="${state.action}">
        <input type="hidden" name="form" value="${state.formValue}" />
        <input type="hidden" name="lang" value="${texts.lang}" />
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
        <div class="field">
          <label for="new-password">${texts.newPasswordLabel}</label>
          <p class="hint" id="new-password-hint">${hint}</p>
          ${passwordInput(field, texts, faults)}
        </div>
        <button class="btn first wide">${texts.savePassword}</button>
      </form>`,
  }
}

function reasonText({ because }: NewPasswordState, { site, texts }: Setting): Html {
  switch (because) {
    case 'listed':
      return html`${texts.newPasswordListed}`
    case 'too_short':
      return html`${texts.newPasswordShort}`
    case 'asked':
      return fillText(texts, 'newPasswordAsked', { place: site.name })
  }
}

function faultsOf({ trouble, lengthMin }: NewPasswordState, { texts }: Setting): PageFault[] {
  const text = (): Html | undefined => {
    switch (trouble) {
      case undefined:
        return undefined
      case 'too_short':
        return fillText(texts, 'passwordShort', { count: sayNumber(texts, lengthMin) })
      case 'common':
        return html`${texts.passwordCommon}`
      case 'own_name':
        return html`${texts.passwordOwnName}`
      case 'same':
        return html`${texts.passwordSame}`
    }
  }
  const shown = text()
  return shown === undefined ? [] : [{ id: 'new-password', text: shown }]
}
