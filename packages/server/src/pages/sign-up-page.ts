import { addressInput, formNotice, hiddenFields, type FormTrouble } from './form-fields.ts'
import { html } from './html.ts'
import {
  newPasswordFaults,
  newPasswordField,
  type NewPasswordTrouble,
} from './new-password-parts.ts'
import type { Page, Setting } from './page.ts'
import { ownPanel } from './panels.ts'
import { errorSummary, type PageFault } from './parts.ts'
import { signInAddress } from './sign-in-address.ts'
import { fillText } from './texts.ts'

/** The page on which a person makes an account. */
export interface SignUpState {
  readonly formValue: string
  /** A same-site path; sent back as `return_to`. */
  readonly returnTo?: string | undefined
  /** As typed before. */
  readonly address?: string | undefined
  /** Units: code points. */
  readonly lengthMin: number
  readonly trouble?: SignUpTrouble | undefined
}

/** The reasons for showing the page again. None depends on whether the address has an account. */
export type SignUpTrouble =
  | FormTrouble
  | {
      readonly reason: 'not_right'
      readonly isAddressMalformed: boolean
      readonly password?: NewPasswordTrouble | undefined
    }

/** Renders the page on which a person makes an account. Pure. */
export function signUpPage(state: SignUpState, setting: Setting): Page {
  const { texts } = setting
  const { trouble, returnTo } = state
  const faults = faultsOf(state, setting)
  const notice =
    trouble === undefined || trouble.reason === 'not_right' ? undefined : formNotice(trouble, texts)
  return {
    status: notice?.status ?? (faults.length > 0 ? 400 : 200),
    headers: notice?.headers ?? {},
    title: texts.signUpTitle,
    isError: faults.length > 0,
    panel: ownPanel(setting),
    inLanguage: (lang) => signUpAddress({ lang, returnTo }),
    answer: html`${errorSummary(texts.summaryAddress, faults)}
      <h1>${texts.signUpTitle}</h1>
      ${notice?.note}
      <form method="post" action="/sign-up">
        ${hiddenFields({ form: state.formValue, lang: texts.lang, return_to: returnTo })}
        ${addressInput(
          {
            id: 'username',
            label: texts.emailAddress,
            hint: texts.emailHint,
            value: state.address,
            autocomplete: 'username',
          },
          faults,
        )}
        ${newPasswordField(texts.password, state.lengthMin, faults, setting)}
        <button class="btn first wide">${texts.signUpButton}</button>
      </form>
      <p class="small dim">
        ${texts.haveAccount}
        <a href="${signInAddress({ lang: texts.lang, returnTo })}">${texts.signIn}</a>
      </p>`,
  }
}

function faultsOf({ trouble, lengthMin }: SignUpState, setting: Setting): readonly PageFault[] {
  if (trouble?.reason !== 'not_right') return []
  const address = { id: 'username', text: html`${setting.texts.emailMalformed}` }
  return [
    ...(trouble.isAddressMalformed ? [address] : []),
    ...newPasswordFaults(trouble.password, lengthMin, setting),
  ]
}

function signUpAddress(to: {
  readonly lang: string
  readonly returnTo: string | undefined
}): string {
  return signInAddress(to).replace('/sign-in', '/sign-up')
}

/** Renders the page of a service where nobody signs up alone. Pure. */
export function signUpClosedPage(_state: object, setting: Setting): Page {
  const { site, texts } = setting
  return {
    status: 403,
    title: texts.signUpClosedTitle,
    panel: ownPanel(setting),
    inLanguage: (lang) => `/sign-up?lang=${lang}`,
    answer: html`<h1>${texts.signUpClosedTitle}</h1>
      <p>${fillText(texts, 'signUpClosedHint', { place: site.name })}</p>
      <div class="row">
        <a class="btn first" href="${signInAddress({ lang: texts.lang })}">${texts.signIn}</a>
      </div>`,
  }
}
