import { html, type Html } from './html.ts'
import type { Setting } from './page.ts'
import { passwordInput, type PageFault } from './parts.ts'
import { fillText, sayNumber } from './texts.ts'

/** The reasons for which a new password is refused. */
export type NewPasswordTrouble =
  | 'missing'
  | 'unreadable'
  | 'too_short'
  | 'repeats'
  | 'common'
  | 'own_name'
  | 'same'

/** The field for a new password, with the least length. Units: code points. */
export function newPasswordField(
  label: string,
  lengthMin: number,
  faults: readonly PageFault[],
  { texts }: Setting,
): Html {
  const hint = fillText(texts, 'newPasswordHint', { count: sayNumber(texts, lengthMin) })
  const field = {
    id: 'new-password',
    name: 'new_password',
    autocomplete: 'new-password',
    minLength: lengthMin,
    describedBy: ['new-password-hint'],
  } as const
  return html`<div class="field">
    <label for="new-password">${label}</label>
    <p class="hint" id="new-password-hint">${hint}</p>
    ${passwordInput(field, texts, faults)}
  </div>`
}

/** The fault of a new password. */
export function newPasswordFaults(
  trouble: NewPasswordTrouble | undefined,
  lengthMin: number,
  { texts }: Setting,
): readonly PageFault[] {
  const text = (): Html | undefined => {
    switch (trouble) {
      case undefined:
        return undefined
      case 'missing':
        return html`${texts.passwordMissing}`
      case 'unreadable':
        return html`${texts.passwordUnreadable}`
      case 'too_short':
        return fillText(texts, 'passwordShort', { count: sayNumber(texts, lengthMin) })
      case 'repeats':
        return html`${texts.passwordRepeats}`
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
