import { html, trustedHtml, type Html } from './html.ts'
import type { Catalogue } from './texts.ts'

/** One thing to correct on a form. */
export interface PageFault {
  /** The field that the summary leads to. */
  readonly id: string
  /** The field that shows the text too. Default: `id`. */
  readonly at?: string
  readonly text: Html
}

/** The summary above a form. It takes the focus when the page loads. Empty without faults. */
export function errorSummary(heading: string, faults: readonly PageFault[]): Html | undefined {
  if (faults.length === 0) return undefined
  return html`<div class="summary" id="summary" role="alert" tabindex="-1">
    <h2>${heading}</h2>
    <ul>
      ${faults.map(({ id, text }) => html`<li><a href="#${id}">${text}</a></li>`)}
    </ul>
  </div>`
}

/** The text of a field's fault, and the attributes that join both. */
export interface FieldFault {
  readonly text: Html | undefined
  readonly attributes: Html
}

/** Finds the fault of one field. Further descriptions of the field are kept. */
export function errorAt(
  field: string,
  faults: readonly PageFault[],
  describedBy: readonly string[] = [],
): FieldFault {
  const fault = faults.find(({ id, at }) => (at ?? id) === field)
  const described = fault === undefined ? describedBy : [...describedBy, `${field}-error`]
  const invalid = fault === undefined ? '' : ' aria-invalid="true"'
  const description = described.length === 0 ? '' : `aria-describedby="${described.join(' ')}"`
  return {
    text: fault && html`<p class="wrong" id="${field}-error">${fault.text}.</p>`,
    attributes: trustedHtml(description + invalid),
  }
}

/** The facts of a password field. */
export interface PasswordField {
  readonly id: string
  readonly name: string
  readonly autocomplete: 'current-password' | 'new-password'
  /** Only for new passwords. There is no longest length. */
  readonly minLength?: number
  readonly describedBy?: readonly string[]
}

/** A password field with its fault, and the button that shows it. The button appears with a script. */
export function passwordInput(
  field: PasswordField,
  texts: Catalogue,
  faults: readonly PageFault[],
): Html {
  const { id, name, autocomplete, minLength, describedBy } = field
  const fault = errorAt(id, faults, describedBy)
  const length = minLength === undefined ? undefined : html`minlength="${minLength}"`
  return html`${fault.text}
    <div class="joined">
      <input
        id="${id}"
        name="${name}"
        type="password"
        autocomplete="${autocomplete}"
        ${length}
        required
        ${fault.attributes}
      />
      <button
        type="button"
        aria-label="${texts.showPassword}"
        data-shows="${id}"
        data-show="${texts.show}"
        data-show-label="${texts.showPassword}"
        data-hide="${texts.hide}"
        data-hide-label="${texts.hidePassword}"
        hidden
      >
        ${texts.show}
      </button>
    </div>`
}
