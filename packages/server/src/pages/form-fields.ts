import { html, type Html } from './html.ts'
import { errorAt, type PageFault } from './parts.ts'
import { fillText, sayDuration, type Catalogue } from './texts.ts'

/** The hidden fields of a form. One without a value is left out. */
export function hiddenFields(fields: Readonly<Record<string, string | undefined>>): Html {
  return html`${Object.entries(fields).map(([name, value]) =>
    value === undefined ? undefined : html`<input type="hidden" name="${name}" value="${value}" />`,
  )}`
}

/** A field for a mail address. `id` is also its name. */
export function addressInput(
  field: {
    readonly id: string
    readonly label: Html | string
    readonly hint?: string
    readonly value?: string | undefined
    readonly autocomplete: 'username' | 'email' | 'off'
    /** Whether a user name may stand here too. */
    readonly takesNames?: true
  },
  faults: readonly PageFault[],
): Html {
  const { id, label, hint, value = '', autocomplete } = field
  const described = hint === undefined ? [] : [`${id}-hint`]
  const fault = errorAt(id, faults, described)
  return html`<div class="field">
    <label for="${id}">${label}</label>
    ${hint === undefined ? undefined : html`<p class="hint" id="${id}-hint">${hint}</p>`}
    ${fault.text}
    <input
      id="${id}"
      name="${id}"
      type="${field.takesNames === true ? 'text' : 'email'}"
      value="${value}"
      autocomplete="${autocomplete}"
      autocapitalize="none"
      autocorrect="off"
      spellcheck="false"
      dir="${field.takesNames === true ? 'auto' : 'ltr'}"
      required
      ${fault.attributes}
    />
  </div>`
}

/** A notice above a form. */
export function warning(title: Html | string, text: Html | string): Html {
  return html`<div class="note warn" role="status"><b>${title}</b>${text}</div>`
}

/** The reasons for which a form waits or was not read; they are the same for all forms that send mail. */
export type FormTrouble =
  | { readonly reason: 'throttled'; readonly seconds: number }
  | { readonly reason: 'queue_full'; readonly seconds: number }
  | { readonly reason: 'flow_too_old' }
  | { readonly reason: 'other_site' }

/** A trouble that is a notice, not a field. */
export interface ShownNotice {
  readonly status: number
  readonly note: Html
  readonly headers: Readonly<Record<string, string>>
}

/** Renders the trouble of a form as a notice. */
export function formNotice(trouble: FormTrouble, texts: Catalogue): ShownNotice {
  switch (trouble.reason) {
    case 'throttled':
    case 'queue_full': {
      const duration = sayDuration(texts, trouble.seconds)
      return {
        status: trouble.reason === 'throttled' ? 429 : 503,
        note: warning(texts.waitAndRetry, fillText(texts, 'waitAndRetryHint', { duration })),
        headers: { 'retry-after': String(Math.max(1, Math.ceil(trouble.seconds))) },
      }
    }
    case 'flow_too_old':
      return { status: 400, note: warning(texts.flowTooOldTitle, texts.lookAgain), headers: {} }
    case 'other_site':
      return { status: 403, note: warning(texts.otherSiteTitle, texts.lookAgain), headers: {} }
  }
}
