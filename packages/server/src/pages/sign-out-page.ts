import { html } from './html.ts'
import type { Page, Place, Setting } from './page.ts'
import { ownPanel, ownPlace } from './panels.ts'
import { signInAddress } from './sign-in-address.ts'
import { fillText } from './texts.ts'

/** The page that asks before it signs out. */
export interface SignOutState {
  readonly formValue: string
  readonly who: string
  /** A same-site path, for those who stay. */
  readonly stayAt: string
}

/** Renders the question. Signing out is a POST. Pure. */
export function signOutPage(state: SignOutState, setting: Setting): Page {
  const { texts } = setting
  const place = ownPlace(setting).name
  return {
    status: 200,
    title: texts.signOut,
    panel: ownPanel(setting),
    inLanguage: (lang) => `/sign-out?lang=${lang}`,
    answer: html`<h1>${fillText(texts, 'signOutAsked', { place })}</h1>
      <p>${fillText(texts, 'signOutAs', { who: state.who })}</p>
      <form method="post" action="/sign-out">
        <input type="hidden" name="form" value="${state.formValue}" />
        <input type="hidden" name="lang" value="${texts.lang}" />
        <div class="row">
          <button class="btn first">${texts.signOut}</button>
          <a class="btn" href="${state.stayAt}">${texts.stay}</a>
        </div>
      </form>`,
  }
}

/** The page after signing out. */
export interface SignedOutState {
  /** The app to go back to, and its address. */
  readonly back?: { readonly place: Place; readonly address: string } | undefined
}

/** Renders the page after signing out. Pure. */
export function signedOutPage({ back }: SignedOutState, setting: Setting): Page {
  const { texts } = setting
  return {
    status: 200,
    title: texts.signedOut,
    panel: ownPanel(setting),
    answer: html`<h1>${texts.signedOut}</h1>
      <p>${texts.signedOutHint}</p>
      <div class="row">
        <a class="btn first" href="${signInAddress({ lang: texts.lang })}">${texts.signIn}</a>
        ${back && html`<a class="btn" href="${back.address}">${fillText(texts, 'backTo', { place: back.place.name })}</a>`}
      </div>`,
  }
}
