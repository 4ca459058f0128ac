import { html, type Html } from './html.ts'
import { passkeyForm, passkeySignal } from './passkey-form.ts'
import { warning } from './form-fields.ts'
import { fillText, type Catalogue } from './texts.ts'

/** Why a passkey signed nobody in. */
export type PasskeyTrouble =
  /** No account has it: the browser may forget it. */
  | { readonly reason: 'passkey_unknown'; readonly rpId: string; readonly credentialId: string }
  | { readonly reason: 'passkey_late' }
  | { readonly reason: 'passkey_refused' }
  | { readonly reason: 'passkey_unverified' }

/** The part of the sign-in page for passkeys. Password managers fill it in by themselves. */
export function signInPasskey(
  fields: { readonly form: string; readonly return_to: string | undefined },
  texts: Catalogue,
): Html {
  const form = passkeyForm(
    {
      act: 'get',
      action: '/sign-in/passkey',
      begin: '/sign-in/passkey/options',
      unasked: '/sign-in/passkey/options',
      fields,
      button: texts.usePasskey,
      before: html`<p class="or">${texts.passkeyOr}</p>`,
    },
    texts,
  )
  return html`${form}<noscript><p class="hint">${texts.passkeyNeedsScript}</p></noscript>`
}

/** The note of each trouble. */
export function passkeyTroubleNote(trouble: PasskeyTrouble, texts: Catalogue): Html {
  switch (trouble.reason) {
    case 'passkey_unknown': {
      const { rpId, credentialId } = trouble
      const value = { rpId, credentialId }
      return html`${passkeySignal({ signal: 'signalUnknownCredential', value })}${warning(texts.passkeyUnknown, texts.passkeyUnknownHint)}`
    }
    case 'passkey_late':
      return warning(
        texts.passkeyLate,
        fillText(texts, 'passkeyLateHint', { button: texts.usePasskey }),
      )
    case 'passkey_refused':
      return warning(texts.passkeyRefused, texts.passkeyRefusedHint)
    case 'passkey_unverified':
      return warning(texts.passkeyUnverified, texts.passkeyUnverifiedHint)
  }
}
