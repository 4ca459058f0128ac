import { hiddenFields } from './form-fields.ts'
import { html, trustedHtml, type Html } from './html.ts'
import { fillText, type Catalogue } from './texts.ts'

/** A form by which a page asks the browser for a passkey. The script shows it where the browser can do that. */
export interface PasskeyForm {
  /** `get` uses a passkey, `create` makes one. */
  readonly act: 'get' | 'create'
  /** The path that takes the response. */
  readonly action: `/${string}`
  /** The path that gives the options. */
  readonly begin: `/${string}`
  /** The path that gives the options for asking without a press of the button. Default: the browser waits for the press. */
  readonly unasked?: `/${string}` | undefined
  /** Hidden fields, which the request for options has too. */
  readonly fields: Readonly<Record<string, string | undefined>>
  readonly button: string
  /** Whether the button is the main one of the page. Default: false. */
  readonly isFirst?: boolean
  /** A line above the button. */
  readonly before?: Html | undefined
  /** Further ways on, next to the button. */
  readonly after?: Html | undefined
}

/** A form of a passkey, with the notes that the script shows. Hidden without a script. */
export function passkeyForm(form: PasskeyForm, texts: Catalogue): Html {
  const { act, action, begin, unasked, fields, button, isFirst = false, before, after } = form
  const style = isFirst ? 'btn first' : 'btn wide'
  const isNew = act === 'create'
  const press = html`<button class="${style}" type="button">${keyIcon} ${button}</button>`
  const waits = unasked === undefined ? undefined : html`data-unasked="${unasked}"`
  return html`<form
    method="post"
    action="${action}"
    data-passkey="${act}"
    data-begin="${begin}"
    ${waits}
    hidden
  >
    ${before} ${after === undefined ? press : html`<div class="row">${press}${after}</div>`}
    <div class="says" role="status">
      ${faultNote('none', isNew ? texts.passkeyNotAdded : texts.passkeyNotUsed, html`${isNew ? texts.passkeyNotAddedHint : texts.passkeyNotUsedHint}`)}
      ${faultNote('late', texts.passkeyLate, fillText(texts, 'passkeyLateHint', { button }))}
      ${isNew ? faultNote('there', texts.passkeyThere, html`${texts.passkeyThereHint}`) : undefined}
    </div>
    ${hiddenFields({ ...fields, lang: texts.lang })}
    <input type="hidden" name="response" /><input type="hidden" name="keep" />
  </form>`
}

/** A note that the script shows. `there`: the device holds a passkey already. */
function faultNote(fault: 'none' | 'late' | 'there', title: string, text: Html): Html {
  return html`<p class="note warn" data-fault="${fault}" hidden><b>${title}</b>${text}</p>`
}

/** A message to the browser about passkeys, which the script passes on. Browsers that do not know it ignore it. */
export type PasskeySignal =
  /** An account has these passkeys, and no others. */
  | {
      readonly signal: 'signalAllAcceptedCredentials'
      readonly value: {
        readonly rpId: string
        readonly userId: string
        readonly allAcceptedCredentialIds: readonly string[]
      }
    }
  /** No account has this passkey. */
  | {
      readonly signal: 'signalUnknownCredential'
      readonly value: { readonly rpId: string; readonly credentialId: string }
    }

/** The element from which the script passes a message on. Empty without one. */
export function passkeySignal(message: PasskeySignal | undefined): Html | undefined {
  if (message === undefined) return undefined
  const { signal, value } = message
  return html`<div hidden data-signal="${signal}" data-value="${JSON.stringify(value)}"></div>`
}

const keyIcon = trustedHtml(
  '<svg width="20" height="20" viewBox="0 0 20 20" fill="none" stroke="currentColor" stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true"><circle cx="7" cy="8" r="4"/><path d="M10 11l6.5 6.5M13.5 14.5L16 12"/></svg>',
)
