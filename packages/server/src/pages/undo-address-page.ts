import { addressInput, formNotice, hiddenFields, type FormTrouble } from './form-fields.ts'
import { html } from './html.ts'
import type { Page, Setting } from './page.ts'
import { ownPanel } from './panels.ts'
import { errorSummary } from './parts.ts'
import { signInAddress } from './sign-in-address.ts'
import { fillText } from './texts.ts'

/** The page of the link with which a former address undoes its change. */
export interface UndoAddressState {
  readonly formValue: string
  readonly link: string
  /** The address that comes back. */
  readonly former: string
  /** The address that goes. */
  readonly address: string
  readonly trouble?: FormTrouble | { readonly reason: 'address_wrong' } | undefined
}

/**
 * Renders the page that undoes a change of an address. Pure.
 * Why a field to type in: mail scanners press buttons, and the link alone would undo changes that were right.
 */
export function undoAddressPage(state: UndoAddressState, setting: Setting): Page {
  const { texts } = setting
  const { trouble, former } = state
  const isWrong = trouble?.reason === 'address_wrong'
  const faults = isWrong ? [{ id: 'confirm', text: html`${texts.undoWrong}` }] : []
  const notice =
    trouble === undefined || trouble.reason === 'address_wrong'
      ? undefined
      : formNotice(trouble, texts)
  return {
    status: notice?.status ?? (isWrong ? 400 : 200),
    headers: notice?.headers ?? {},
    title: texts.undoButton,
    isError: isWrong,
    hasSecretAddress: true,
    panel: ownPanel(setting),
    answer: html`${errorSummary(texts.summaryAddress, faults)}
      <h1>${fillText(texts, 'undoTitle', { address: former })}</h1>
      <p>${fillText(texts, 'undoHint', { other: state.address })}</p>
      ${notice?.note}
      <form method="post" action="/undo-address">
        ${hiddenFields({ form: state.formValue, lang: texts.lang, link: state.link })}
        ${addressInput(
          {
            id: 'confirm',
            label: fillText(texts, 'undoField', { address: former }),
            autocomplete: 'off',
          },
          faults,
        )}
        <div class="row">
          <button class="btn first">${texts.undoButton}</button>
          <a class="btn" href="${signInAddress({ lang: texts.lang })}">${texts.undoLeave}</a>
        </div>
      </form>`,
  }
}
