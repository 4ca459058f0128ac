import { html, type Html } from './html.ts'
import { errorAt, type PageFault } from './parts.ts'
import { fillText, sayNumber, type Catalogue, type PlainKey } from './texts.ts'

/** A code that a person types: of an app, or one for recovery. */
export type CodeWay = 'totp' | 'recovery'

/** The reasons for which a code was not taken. */
export type CodeTrouble =
  | { readonly reason: 'code_missing' }
  /** `triesLeft` is absent where no tries are shown. */
  | { readonly reason: 'code_wrong'; readonly triesLeft?: number | undefined }
  | { readonly reason: 'code_used'; readonly seconds: number }

/**
 * The field for a code, with its hint and its fault.
 * Why one field: six of them break what browsers fill in.
 */
export function codeField(
  way: CodeWay,
  hint: Html | string,
  texts: Catalogue,
  faults: readonly PageFault[],
): Html {
  const fault = errorAt('code', faults, ['code-hint'])
  const label = way === 'totp' ? texts.factorAppLabel : texts.factorRecoveryLabel
  return html`<div class="field">
    <label for="code">${label}</label>
    <p class="hint" id="code-hint">${hint}</p>
    ${fault.text}
    <input
      class="code"
      id="code"
      name="code"
      inputmode="${way === 'totp' ? 'numeric' : 'text'}"
      autocomplete="${way === 'totp' ? 'one-time-code' : 'off'}"
      autocapitalize="none"
      autocorrect="off"
      spellcheck="false"
      dir="ltr"
      required
      ${fault.attributes}
    />
  </div>`
}

/** The text of a code that does not fit. A code that was used already has a note instead. */
export function codeFaults(
  way: CodeWay,
  trouble: Exclude<CodeTrouble, { readonly reason: 'code_used' }>,
  texts: Catalogue,
): readonly PageFault[] {
  const fault = (text: Html | string) => [{ id: 'code', text: html`${text}` }]
  if (trouble.reason === 'code_missing') return fault(texts[missing[way]])
  const { triesLeft } = trouble
  if (triesLeft === undefined) return fault(texts[wrong[way].plain])
  if (triesLeft === 1) return fault(texts[wrong[way].last])
  return fault(fillText(texts, wrong[way].counted, { count: sayNumber(texts, triesLeft) }))
}

const missing = {
  totp: 'factorMissing',
  recovery: 'factorRecoveryMissing',
} as const satisfies Record<CodeWay, PlainKey>

const wrong = {
  totp: { counted: 'factorWrong', last: 'factorWrongLast', plain: 'factorWrongPlain' },
  recovery: {
    counted: 'factorRecoveryWrong',
    last: 'factorRecoveryWrongLast',
    plain: 'factorRecoveryWrongPlain',
  },
} as const
