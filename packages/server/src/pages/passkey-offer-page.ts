import { hiddenFields } from './form-fields.ts'
import { html } from './html.ts'
import type { Page, Setting } from './page.ts'
import { ownPanel, ownPlace } from './panels.ts'
import { passkeyForm, passkeySignal, type PasskeySignal } from './passkey-form.ts'
import { fillText } from './texts.ts'

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
      action: '/account/passkey-offer/add',
      begin: '/account/passkey-offer/options',
      unasked: '/account/passkey-offer/options/unasked',
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
      <form method="post" action="/account/passkey-offer">
        ${hiddenFields({ form, return_to, lang: texts.lang })}
        <button class="btn">${texts.passkeyLater}</button>
      </form>`,
  }
}

/** The page between a sign-in and its target. The script passes a message to the browser, and goes on. */
export interface PasskeyOnwardState {
  readonly returnTo: string
  readonly signal?: PasskeySignal | undefined
}

/** Tells the browser which passkeys there are, and goes on. Without a script the link does. Pure. */
export function passkeyOnwardPage(
  { returnTo, signal }: PasskeyOnwardState,
  setting: Setting,
): Page {
  const { texts } = setting
  const { name: place } = ownPlace(setting)
  return {
    status: 200,
    title: texts.passkeyOnward,
    usesPasskeys: true,
    panel: ownPanel(setting),
    answer: html`${passkeySignal(signal)}
      <h1>${texts.passkeyOnward}</h1>
      <p role="status">${fillText(texts, 'passkeyOnwardHint', { place })}</p>
      <div class="row">
        <a class="btn first" data-onward href="${returnTo}">${texts.continue}</a>
      </div>`,
  }
}
