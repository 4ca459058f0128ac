import { html } from './html.ts'
import type { Page, Setting } from './page.ts'
import { askingPanel } from './panels.ts'
import { passkeyForm } from './passkey-form.ts'
import { passkeyTroubleNote, type PasskeyTrouble } from './sign-in-passkey.ts'
import { fillText } from './texts.ts'

/** The page that asks a person who is known for a passkey: as a second factor, or for a new proof. */
export interface PasskeyConfirmState {
  /** The path that takes the response. Its options are at the same path with `/options`. */
  readonly action: `/${string}`
  readonly formValue: string
  readonly who: string
  /** Whether the person is signed in already. */
  readonly isSignedIn: boolean
  /** Further fields of the form. */
  readonly fields: Readonly<Record<string, string | undefined>>
  /** The address of this page in a language. */
  readonly pageAt: (lang: string) => string
  /** The address of the page with the other ways. */
  readonly otherWays: string
  readonly trouble?: PasskeyTrouble | undefined
}

/** Renders the page in one of its states. Pure. */
export function passkeyConfirmPage(state: PasskeyConfirmState, setting: Setting): Page {
  const { texts } = setting
  const { action, formValue, who, fields, otherWays, trouble } = state
  const form = passkeyForm(
    {
      act: 'get',
      action,
      begin: `${action}/options`,
      fields: { ...fields, form: formValue },
      button: texts.usePasskey,
      isFirst: true,
      after: html`<a class="btn" href="${otherWays}">${texts.passkeyOtherWay}</a>`,
    },
    texts,
  )
  return {
    status: trouble === undefined ? 200 : 403,
    title: texts.factorPasskey,
    usesPasskeys: true,
    panel: askingPanel(setting, undefined),
    inLanguage: state.pageAt,
    answer: html`<h1>${texts.factorPasskey}</h1>
      <p>${fillText(texts, state.isSignedIn ? 'confirmAs' : 'factorSigningInAs', { who })}</p>
      ${trouble && passkeyTroubleNote(trouble, texts)} ${form}
      <noscript>
        <p>${texts.passkeyAddNeedsScript}</p>
        <p><a href="${otherWays}">${texts.passkeyOtherWay}</a></p>
      </noscript>`,
  }
}
