import { hiddenFields } from './form-fields.ts'
import { html } from './html.ts'
import type { Page, Setting } from './page.ts'
import { ownPanel } from './panels.ts'
import { passkeyForm } from './passkey-form.ts'

/** The page after a sign-in that offers a passkey. */
export interface PasskeyOfferState {
  /** The value that binds both forms to the session. */
  readonly formValue: string
  /** A same-site path, to go on to. */
  readonly returnTo: string
}

/**
 * Offers a passkey to a person who signed in with a password. Pure.
 * Why it asks the browser at once: a password manager may add one by itself, and then nobody has to answer.
 */
export function passkeyOfferPage(state: PasskeyOfferState, setting: Setting): Page {
  const { texts } = setting
  const { formValue: form, returnTo: return_to } = state
  const offer = passkeyForm(
    {
      act: 'create',
      action: '/passkey-offer/add',
      begin: '/passkey-offer/options',
      unasked: '/passkey-offer/options/unasked',
      fields: { form, return_to },
      button: texts.passkeyAdd,
      isFirst: true,
    },
    texts,
  )
  return {
    status: 200,
    title: texts.passkeyOffer,
    usesPasskeys: true,
    panel: ownPanel(setting),
    answer: html`<h1>${texts.passkeyOffer}</h1>
      <p>${texts.passkeyOfferHint}</p>
      ${offer}
      <form method="post" action="/passkey-offer">
        ${hiddenFields({ form, return_to, lang: texts.lang })}
        <button class="btn">${texts.passkeyLater}</button>
      </form>`,
  }
}
