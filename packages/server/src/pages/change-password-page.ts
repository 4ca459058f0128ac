import { accountAddress } from './account-address.ts'
import { accountPage, type AccountVisitor } from './account-frame.ts'
import { accountForm } from './account-parts.ts'
import { html, type Html } from './html.ts'
import {
  newPasswordFaults,
  newPasswordField,
  type NewPasswordTrouble,
} from './new-password-parts.ts'
import type { Setting, WidePage } from './page.ts'
import { errorSummary, passwordInput, type PageFault } from './parts.ts'
import { fillText, sayDuration } from './texts.ts'

/** The page on which a person changes the password, or adds the first one. */
export interface ChangePasswordState extends AccountVisitor {
  readonly formValue: string
  /** Whether the person has a password, which the form asks for then. */
  readonly hasPassword: boolean
  /** Units: code points. */
  readonly lengthMin: number
  readonly trouble?: ChangePasswordTrouble | undefined
}

export type ChangePasswordTrouble =
  | { readonly reason: 'current_missing' | 'current_wrong' }
  | { readonly reason: NewPasswordTrouble }
  | { readonly reason: 'throttled' | 'queue_full'; readonly seconds: number }

const path = '/account/security/password'

/** Renders the form. Pure. */
export function changePasswordPage(state: ChangePasswordState, setting: Setting): WidePage {
  const { texts } = setting
  const { status, headers, faults } = showPasswordTrouble(state, setting)
  const heading = state.hasPassword ? texts.accountPasswordTitle : texts.accountPasswordAddTitle
  const content = html`${errorSummary(texts.accountPasswordRefused, faults)}
    <h1>${heading}</h1>
    <p>${texts.accountPasswordHint}</p>
    <div class="card"><div class="body">${form(state, setting, faults)}</div></div>`
  const parts = { place: 'security', path, heading, status, headers, content } as const
  return accountPage({ ...parts, isError: faults.length > 0 }, state, setting)
}

function form(state: ChangePasswordState, setting: Setting, faults: readonly PageFault[]): Html {
  const { texts } = setting
  const { who, formValue, hasPassword, lengthMin } = state
  const current = { id: 'current-password', name: 'current_password' } as const
  return accountForm(
    { action: path, formValue },
    texts,
    html`<input
        class="away"
        name="username"
        value="${who}"
        autocomplete="username"
        readonly
        tabindex="-1"
        aria-hidden="true"
      />
      <p class="dim">${fillText(texts, 'newPasswordFor', { who })}</p>
      ${hasPassword ? currentField(passwordInput({ ...current, autocomplete: 'current-password' }, texts, faults), setting) : undefined}
      ${newPasswordField(texts.newPasswordLabel, lengthMin, faults, setting)}
      <div class="row">
        <button class="btn first">${texts.accountPasswordSave}</button>
        <a class="btn" href="${accountAddress('/account/security', texts.lang)}"
          >${texts.accountPasswordCancel}</a
        >
      </div>`,
  )
}

function currentField(input: Html, { texts }: Setting): Html {
  return html`<div class="field">
    <label for="current-password">${texts.accountPasswordCurrent}</label>
    ${input}
  </div>`
}

interface ShownTrouble {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly faults: readonly PageFault[]
}

/** The status and the text of each trouble. */
function showPasswordTrouble(
  { trouble, lengthMin }: ChangePasswordState,
  setting: Setting,
): ShownTrouble {
  const { texts } = setting
  const atCurrent = (text: Html): readonly PageFault[] => [{ id: 'current-password', text }]
  switch (trouble?.reason) {
    case undefined:
      return { status: 200, faults: [] }
    case 'current_missing':
      return { status: 400, faults: atCurrent(html`${texts.passwordMissing}`) }
    case 'current_wrong':
      return { status: 403, faults: atCurrent(html`${texts.accountPasswordWrong}`) }
    case 'throttled':
    case 'queue_full': {
      const isLimit = trouble.reason === 'throttled'
      const duration = sayDuration(texts, trouble.seconds)
      const headers = { 'retry-after': String(Math.max(1, Math.ceil(trouble.seconds))) }
      const key = isLimit ? 'throttled' : 'accountPasswordBusy'
      const faults = [{ id: 'new-password', text: fillText(texts, key, { duration }) }]
      return { status: isLimit ? 429 : 503, headers, faults }
    }
    case 'missing':
    case 'unreadable':
    case 'too_short':
    case 'repeats':
    case 'common':
    case 'own_name':
    case 'same':
      return { status: 400, faults: newPasswordFaults(trouble.reason, lengthMin, setting) }
  }
}
