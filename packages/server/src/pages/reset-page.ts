import { addressInput, formNotice, hiddenFields, type FormTrouble } from './form-fields.ts'
import { html } from './html.ts'
import type { Page, Setting } from './page.ts'
import { ownPanel } from './panels.ts'
import { errorSummary } from './parts.ts'
import { signInAddress } from './sign-in-address.ts'

/** The page on which a person asks for a new password. */
export interface ResetState {
  readonly formValue: string
  readonly returnTo?: string | undefined
  /** As typed before. */
  readonly username?: string | undefined
  readonly trouble?: FormTrouble | { readonly reason: 'name_missing' } | undefined
}

/** Renders the page on which a person asks for a new password. Pure. */
export function resetPage(state: ResetState, setting: Setting): Page {
  const { texts } = setting
  const { trouble, returnTo } = state
  const isMissing = trouble?.reason === 'name_missing'
  const faults = isMissing ? [{ id: 'username', text: html`${texts.usernameMissing}` }] : []
  const notice =
    trouble === undefined || trouble.reason === 'name_missing'
      ? undefined
      : formNotice(trouble, texts)
  return {
    status: notice?.status ?? (isMissing ? 400 : 200),
    headers: notice?.headers ?? {},
    title: texts.resetTitle,
    isError: isMissing,
    panel: ownPanel(setting),
    inLanguage: (lang) => signInAddress({ lang, returnTo }).replace('/sign-in', '/reset'),
    answer: html`${errorSummary(texts.summaryFields, faults)}
      <h1>${texts.resetTitle}</h1>
      <p>${texts.resetHint}</p>
      ${notice?.note}
      <form method="post" action="/reset">
        ${hiddenFields({ form: state.formValue, lang: texts.lang, return_to: returnTo })}
        ${addressInput(
          {
            id: 'username',
            label: texts.username,
            value: state.username,
            autocomplete: 'username',
            takesNames: true,
          },
          faults,
        )}
        <button class="btn first wide">${texts.resetButton}</button>
      </form>
      <p class="small">
        <a href="${signInAddress({ lang: texts.lang, returnTo })}">${texts.signIn}</a>
      </p>`,
  }
}
