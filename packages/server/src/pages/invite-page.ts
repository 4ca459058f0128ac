import { formNotice, hiddenFields, type FormTrouble } from './form-fields.ts'
import { html, type Html } from './html.ts'
import {
  newPasswordFaults,
  newPasswordField,
  type NewPasswordTrouble,
} from './new-password-parts.ts'
import type { Page, Setting } from './page.ts'
import { ownPanel } from './panels.ts'
import { errorSummary } from './parts.ts'
import { signInAddress } from './sign-in-address.ts'
import { fillText } from './texts.ts'

/** The page of an invitation. */
export interface InviteState {
  readonly link: string
  /** The path of this page, for a return after a sign-in. */
  readonly here: string
  readonly address: string
  /** The person who invites. Absent for an operator. */
  readonly by?: string | undefined
  readonly visitor: InviteVisitor
}

/** The person who opened the link, as far as that is known. */
export type InviteVisitor =
  | {
      readonly kind: 'new'
      readonly formValue: string
      /** Units: code points. */
      readonly lengthMin: number
      readonly trouble?: NewPasswordTrouble | FormTrouble | undefined
    }
  /** The address has an account, and nobody is signed in. */
  | { readonly kind: 'signed_out' }
  | {
      readonly kind: 'signed_in'
      readonly formValue: string
      readonly who: string
      readonly trouble?: FormTrouble | undefined
    }
  | { readonly kind: 'other'; readonly signOutValue: string; readonly who: string }

/** Renders an invitation. To accept is a POST. Pure. */
export function invitePage(state: InviteState, setting: Setting): Page {
  const { texts, site } = setting
  const { address, by, visitor } = state
  const trouble = 'trouble' in visitor ? visitor.trouble : undefined
  const notice = typeof trouble === 'object' ? formNotice(trouble, texts) : undefined
  const isRefused = typeof trouble === 'string'
  const isOther = visitor.kind === 'other'
  const from =
    by === undefined
      ? fillText(texts, 'inviteFrom', { address })
      : fillText(texts, 'inviteBy', { by, address })
  return {
    status: notice?.status ?? (isRefused ? 400 : 200),
    headers: notice?.headers ?? {},
    title: texts.inviteAccept,
    isError: isRefused,
    hasSecretAddress: true,
    panel: ownPanel(setting),
    answer: html`${isRefused ? errorSummary(texts.summaryPassword, faultsOf(visitor, setting)) : undefined}
      <h1>
        ${isOther ? fillText(texts, 'inviteOther', { address }) : fillText(texts, 'inviteTitle', { place: site.name })}
      </h1>
      ${isOther ? undefined : html`<p>${from}</p>`} ${notice?.note} ${visitorPart(state, setting)}`,
  }
}

function faultsOf(visitor: InviteVisitor, setting: Setting) {
  return visitor.kind === 'new' && typeof visitor.trouble === 'string'
    ? newPasswordFaults(visitor.trouble, visitor.lengthMin, setting)
    : []
}

function visitorPart(state: InviteState, setting: Setting): Html {
  const { link, here, visitor, address } = state
  const { texts } = setting
  const accept = html`<button class="btn first wide">${texts.inviteAccept}</button>`
  switch (visitor.kind) {
    case 'new':
      return html`<form method="post" action="/invite">
        ${hiddenFields({ form: visitor.formValue, lang: texts.lang, link })}
        <input
          class="away"
          name="username"
          value="${address}"
          autocomplete="username"
          readonly
          tabindex="-1"
          aria-hidden="true"
        />
        ${newPasswordField(texts.password, visitor.lengthMin, faultsOf(visitor, setting), setting)}
        ${accept}
      </form>`
    case 'signed_out':
      return html`<p>${texts.inviteSignIn}</p>
        <div class="row">
          <a class="btn first" href="${signInAddress({ lang: texts.lang, returnTo: here })}"
            >${texts.signIn}</a
          >
        </div>`
    case 'signed_in':
      return html`<p>${fillText(texts, 'invitePresent', { who: visitor.who })}</p>
        <form method="post" action="/invite">
          ${hiddenFields({ form: visitor.formValue, lang: texts.lang, link })} ${accept}
        </form>`
    case 'other':
      return html`<p>${fillText(texts, 'inviteOtherHint', { who: visitor.who })}</p>
        <form method="post" action="/sign-out">
          ${hiddenFields({ form: visitor.signOutValue, lang: texts.lang, return_to: here })}
          <input type="hidden" name="then" value="return" />
          <div class="row">
            <button class="btn first">${texts.switchAccount}</button>
            <a class="btn" href="/account">${texts.inviteKeep}</a>
          </div>
        </form>`
  }
}

/** Renders the page of an invitation that has ended. Pure. */
export function inviteEndedPage(_state: object, setting: Setting): Page {
  const { texts } = setting
  return {
    status: 410,
    title: texts.inviteEnded,
    hasSecretAddress: true,
    panel: ownPanel(setting),
    answer: html`<h1>${texts.inviteEnded}</h1>
      <p>${texts.inviteEndedHint}</p>
      <div class="row">
        <a class="btn first" href="${signInAddress({ lang: texts.lang })}">${texts.signIn}</a>
      </div>`,
  }
}
