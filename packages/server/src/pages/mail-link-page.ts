import { hiddenFields } from './form-fields.ts'
import { html } from './html.ts'
import type { Page, Setting } from './page.ts'
import { ownPanel } from './panels.ts'
import { signInAddress } from './sign-in-address.ts'
import { fillText } from './texts.ts'

/** The page of a link that was opened in the browser that asked for it. */
export interface MailLinkState {
  /** The path that takes the form. */
  readonly action: `/${string}`
  readonly formValue: string
  readonly link: string
  readonly address: string
  readonly about: 'address' | 'reset'
}

/** Renders the page of a link: one press goes on. Opening it spends nothing. Pure. */
export function mailLinkPage(state: MailLinkState, setting: Setting): Page {
  const { texts } = setting
  const { address } = state
  const isReset = state.about === 'reset'
  return {
    status: 200,
    title: isReset ? texts.resetTitle : texts.confirmButton,
    hasSecretAddress: true,
    panel: ownPanel(setting),
    answer: html`<h1>
        ${fillText(texts, isReset ? 'confirmReset' : 'confirmAddress', { address })}
      </h1>
      <p>${isReset ? texts.confirmResetHint : texts.confirmAddressHint}</p>
      <form method="post" action="${state.action}">
        ${hiddenFields({ form: state.formValue, lang: texts.lang, link: state.link })}
        <button class="btn first wide">
          ${isReset ? texts.mailCodeGoOn : texts.confirmButton}
        </button>
      </form>`,
  }
}

/** The page of a link or a step that is over. */
export interface LinkEndedState {
  /** The path on which a person asks again. */
  readonly restart?: string | undefined
}

/** Renders the page of a link that was used or has ended. Pure. */
export function linkEndedPage({ restart }: LinkEndedState, setting: Setting): Page {
  const { texts } = setting
  return {
    status: 410,
    title: texts.linkSpent,
    hasSecretAddress: true,
    panel: ownPanel(setting),
    answer: html`<h1>${texts.linkSpent}</h1>
      <p>${texts.linkSpentHint}</p>
      <div class="row">
        <a class="btn first" href="${signInAddress({ lang: texts.lang })}">${texts.signIn}</a>
        ${restart === undefined ? undefined : html`<a class="btn" href="${restart}">${texts.beginAgain}</a>`}
      </div>`,
  }
}

/** A step that is done, and the way on. */
export interface DoneState {
  readonly about:
    | { readonly what: 'password_saved' | 'invite_accepted' | 'address_taken' }
    | { readonly what: 'address_changed' | 'address_added'; readonly address: string }
  readonly next: string
}

/** Renders the page of a step that is done. Pure. */
export function donePage({ about, next }: DoneState, setting: Setting): Page {
  const { texts } = setting
  const { title, heading, hint } = doneTexts(about, setting)
  return {
    status: about.what === 'address_taken' ? 409 : 200,
    title,
    panel: ownPanel(setting),
    answer: html`<h1>${heading}</h1>
      <p>${hint}</p>
      <div class="row"><a class="btn first" href="${next}">${texts.continue}</a></div>`,
  }
}

function doneTexts(about: DoneState['about'], { site, texts }: Setting) {
  switch (about.what) {
    case 'password_saved':
      return {
        title: texts.passwordSaved,
        heading: texts.passwordSaved,
        hint: texts.passwordSavedHint,
      }
    case 'invite_accepted':
      return {
        title: texts.inviteAccepted,
        heading: texts.inviteAccepted,
        hint: fillText(texts, 'inviteAcceptedHint', { place: site.name }),
      }
    case 'address_taken':
      return {
        title: texts.addressTaken,
        heading: texts.addressTaken,
        hint: texts.addressTakenHint,
      }
    case 'address_changed':
    case 'address_added':
      return {
        title: texts.addressesTitle,
        heading: fillText(texts, 'addressChanged', { address: about.address }),
        hint: about.what === 'address_changed' ? texts.addressChangedHint : texts.addressAddedHint,
      }
  }
}
