import { accountAddress } from './account-address.ts'
import { accountPage, type AccountVisitor } from './account-frame.ts'
import { accountForm, card, note } from './account-parts.ts'
import { html } from './html.ts'
import type { Setting, WidePage } from './page.ts'
import { fillCount, fillText } from './texts.ts'

const path = '/account/security/recovery-codes'
const security = '/account/security'

/** The page that shows new recovery codes, once. */
export interface RecoveryCodesState extends AccountVisitor {
  readonly codes: readonly string[]
  /** The path to go on to. Default: the security page. */
  readonly returnTo?: string | undefined
  /** Whether a code app was turned on with them. */
  readonly isSetUp: boolean
}

/** Renders the codes. Copying and downloading need a script; the page can be printed. Pure. */
export function recoveryCodesPage(state: RecoveryCodesState, setting: Setting): WidePage {
  const { texts, site } = setting
  const { codes, isSetUp, returnTo = accountAddress(security, texts.lang) } = state
  const file = [`${site.name} – ${texts.codesHeading}`, state.who, '', ...codes, ''].join('\n')
  const parts = {
    place: 'security',
    heading: texts.codesHeading,
    content: html`${isSetUp ? note('good', texts.factorTurnedOn) : undefined}
      <h1>${texts.codesHeading}</h1>
      <p>${texts.codesHint}</p>
      ${card({
        id: 'codes',
        heading: fillCount(texts, 'codesOne', 'codesMany', codes.length),
        hint: fillText(texts, 'codesUse', { place: site.name }),
        body: html`<div class="body">
          <ul class="codes" dir="ltr">
            ${codes.map((code) => html`<li><code>${code}</code></li>`)}
          </ul>
          <pre id="codes-text" hidden>${file}</pre>
          <div class="row">
            <button
              type="button"
              class="btn"
              data-copies="codes-text"
              data-copied="${texts.codesCopied}"
              hidden
            >
              ${texts.codesCopy}
            </button>
            <button
              type="button"
              class="btn"
              data-saves="codes-text"
              data-name="recovery-codes.txt"
              hidden
            >
              ${texts.codesSave}
            </button>
            <button type="button" class="btn" data-prints hidden>${texts.codesPrint}</button>
          </div>
        </div>`,
      })}
      <div class="row"><a class="btn first" href="${returnTo}">${texts.codesKept}</a></div>`,
  } as const
  return accountPage(parts, state, setting)
}

/** The page that asks before a new set takes the place of the old one. */
export interface NewCodesState extends AccountVisitor {
  readonly formValue: string
  readonly left: number
}

/** Renders the question. Pure. */
export function newCodesPage(state: NewCodesState, setting: Setting): WidePage {
  const { texts } = setting
  const { left, formValue } = state
  const parts = {
    place: 'security',
    path,
    heading: texts.codesNew,
    content: html`<h1>${texts.codesNew}</h1>
      <p>
        ${left === 0 ? texts.codesNewNone : fillCount(texts, 'codesNewOne', 'codesNewMany', left)}
      </p>
      ${accountForm(
        { action: path, formValue },
        texts,
        html`<div class="row">
          <button class="btn first">${texts.factorMakeCodes}</button>
          <a class="btn" href="${accountAddress(security, texts.lang)}">${texts.confirmCancel}</a>
        </div>`,
      )}`,
  } as const
  return accountPage(parts, state, setting)
}
