import { warning } from './form-fields.ts'
import { attributeIf, html, type Html } from './html.ts'
import type { Page, Place, Setting } from './page.ts'
import { askingPanel, ownPlace } from './panels.ts'
import { errorAt, errorSummary, passwordInput, type PageFault } from './parts.ts'
import { signInAddress } from './sign-in-address.ts'
import { passkeyTroubleNote, signInPasskey, type PasskeyTrouble } from './sign-in-passkey.ts'
import { fillText, sayDuration } from './texts.ts'

/** The sign-in page. */
export interface SignInState {
  /** The value that binds the form to the browser; sent back as `form`. */
  readonly formValue: string
  /** A same-site path; sent back as `return_to`. */
  readonly returnTo?: string | undefined
  /** The app that asked. Default: this service. */
  readonly place?: Place | undefined
  /** As typed before. The password is never shown again. */
  readonly username?: string | undefined
  readonly keep?: boolean
  /** The life of a session that is kept. Default: 30 days. */
  readonly keepSeconds?: number
  /** Whether passkeys can be used under this issuer. Default: false. */
  readonly takesPasskeys?: boolean
  /** Default: none; the page at rest. */
  readonly trouble?: SignInTrouble | undefined
}

/**
 * The reasons for showing the sign-in page again.
 * Why: a disabled account, an unknown name and a wrong password are all `not_proven`, so that the page reveals no account.
 */
export type SignInTrouble =
  | { readonly reason: 'username_missing' }
  | { readonly reason: 'password_missing' }
  | { readonly reason: 'both_missing' }
  | { readonly reason: 'not_proven' }
  | { readonly reason: 'throttled'; readonly seconds: number }
  | { readonly reason: 'queue_full'; readonly seconds: number }
  | { readonly reason: 'session_ended' }
  | { readonly reason: 'flow_too_old' }
  | { readonly reason: 'other_site' }
  | PasskeyTrouble

/** Renders the sign-in page in one of its states. Pure. */
export function signInPage(state: SignInState, setting: Setting): Page {
  const { texts } = setting
  const shown = showTrouble(state.trouble, setting)
  return {
    status: shown.status,
    headers: retryAfter(state.trouble),
    title: texts.signIn,
    isError: shown.faults.length > 0,
    usesPasskeys: state.takesPasskeys === true,
    panel: askingPanel(setting, state.place),
    inLanguage: (lang) => signInAddress({ lang, returnTo: state.returnTo }),
    answer: html`${errorSummary(shown.heading, shown.faults)}
      <h1>${texts.signIn}</h1>
      ${shown.note} ${signInForm(state, setting, shown.faults)} ${shown.wait}
      ${state.takesPasskeys === true ? signInPasskey({ form: state.formValue, return_to: state.returnTo }, texts) : undefined}
      ${signUpLine(setting)}`,
  }
}

function signInForm(state: SignInState, setting: Setting, faults: readonly PageFault[]): Html {
  const { site, texts } = setting
  const { reset } = site.links
  const keepFor = sayDuration(texts, state.keepSeconds ?? 30 * 86_400)
  const nameFault = errorAt('username', faults)
  return html`<form method="post" action="/sign-in">
    <input type="hidden" name="form" value="${state.formValue}" />
    <input type="hidden" name="lang" value="${texts.lang}" />
    ${state.returnTo === undefined ? undefined : html`<input type="hidden" name="return_to" value="${state.returnTo}" />`}
    ${state.takesPasskeys === true ? html`<input type="hidden" name="passkeys" id="passkeys" />` : undefined}
    <div class="field">
      <label for="username">${texts.username}</label>
      ${nameFault.text}
      <input
        id="username"
        name="username"
        value="${state.username ?? ''}"
        autocomplete="username webauthn"
        autocapitalize="none"
        autocorrect="off"
        spellcheck="false"
        dir="auto"
        required
        ${nameFault.attributes}
      />
    </div>
    <div class="field">
      <div class="line">
        <label for="password">${texts.password}</label
        >${reset === undefined ? undefined : html`<a href="${reset}">${texts.forgot}</a>`}
      </div>
      ${passwordInput({ id: 'password', name: 'password', autocomplete: 'current-password' }, texts, faults)}
    </div>
    <div class="tick">
      <input
        type="checkbox"
        id="keep"
        name="keep"
        value="yes"
        aria-describedby="keep-hint"
        ${attributeIf(state.keep === true, 'checked')}
      />
      <label for="keep">${texts.keep}</label>
      <p class="hint" id="keep-hint">${fillText(texts, 'keepHint', { duration: keepFor })}</p>
    </div>
    <button class="btn first wide">${texts.signIn}</button>
  </form>`
}

function signUpLine({ site, texts }: Setting): Html | undefined {
  const { signUp } = site.links
  if (signUp === undefined) return undefined
  return html`<p class="small dim">
    ${texts.newHere} <a href="${signUp}">${texts.createAccount}</a>
  </p>`
}

interface ShownTrouble {
  readonly status: number
  readonly heading: string
  readonly faults: readonly PageFault[]
  readonly note?: Html
  /** Counts down with a script. */
  readonly wait?: Html
}

/** The status and the texts of each state. */
function showTrouble(trouble: SignInTrouble | undefined, { texts }: Setting): ShownTrouble {
  const calm = { status: 200, heading: '', faults: [] }
  const missing = { status: 400, heading: texts.summaryFields }
  const nameFault = { id: 'username', text: html`${texts.usernameMissing}` }
  const passwordFault = { id: 'password', text: html`${texts.passwordMissing}` }
  switch (trouble?.reason) {
    case undefined:
      return calm
    case 'username_missing':
      return { ...missing, faults: [nameFault] }
    case 'password_missing':
      return { ...missing, faults: [passwordFault] }
    case 'both_missing':
      return { ...missing, faults: [nameFault, passwordFault] }
    case 'not_proven': {
      const faults = [{ id: 'username', at: 'password', text: html`${texts.notProven}` }]
      return { status: 403, heading: texts.summarySignIn, faults }
    }
    case 'throttled': {
      const duration = sayDuration(texts, trouble.seconds)
      const text = fillText(texts, 'throttled', { duration })
      const wait = html`<p
        class="hint"
        role="timer"
        data-seconds="${trouble.seconds}"
        data-over="${texts.throttleOver}"
        hidden
      >
        ${fillText(texts, 'throttleWait', { duration })}
      </p>`
      return { status: 429, heading: texts.summarySignIn, faults: [{ id: 'password', text }], wait }
    }
    case 'queue_full': {
      const text = fillText(texts, 'queueFull', { duration: sayDuration(texts, trouble.seconds) })
      return { ...calm, status: 503, note: warning(texts.queueFullTitle, text) }
    }
    case 'session_ended':
      return { ...calm, note: warning(texts.sessionEndedTitle, html`${texts.sessionEnded}`) }
    case 'flow_too_old':
      return {
        ...calm,
        status: 400,
        note: warning(texts.flowTooOldTitle, html`${texts.flowTooOld}`),
      }
    case 'passkey_unknown':
    case 'passkey_late':
    case 'passkey_refused':
    case 'passkey_unverified':
      return { ...calm, status: 403, note: passkeyTroubleNote(trouble, texts) }
    case 'other_site':
      return { ...calm, status: 403, note: warning(texts.otherSiteTitle, html`${texts.otherSite}`) }
  }
}

function retryAfter(trouble: SignInTrouble | undefined): Readonly<Record<string, string>> {
  return trouble !== undefined && 'seconds' in trouble
    ? { 'retry-after': String(Math.max(1, Math.ceil(trouble.seconds))) }
    : {}
}

/** The page of a person who is signed in already and opens the sign-in page. */
export interface SignedInState {
  readonly formValue: string
  /** The name of the account. */
  readonly who: string
  readonly returnTo: string
  readonly place?: Place | undefined
}

/**
 * Offers to go on with the account of the session, or to sign in with another one.
 * Why: to switch is a POST, because it ends a session.
 */
export function signedInAlreadyPage(state: SignedInState, setting: Setting): Page {
  const { texts } = setting
  return {
    status: 200,
    title: texts.signIn,
    panel: askingPanel(setting, state.place),
    inLanguage: (lang) => signInAddress({ lang, returnTo: state.returnTo }),
    answer: html`<h1>${fillText(texts, 'signedInAlready', { who: state.who })}</h1>
      <p>${texts.signedInAlreadyHint}</p>
      <form method="post" action="/sign-out">
        <input type="hidden" name="form" value="${state.formValue}" />
        <input type="hidden" name="lang" value="${texts.lang}" />
        <input type="hidden" name="then" value="sign-in" />
        <input type="hidden" name="return_to" value="${state.returnTo}" />
        <div class="row">
          <a class="btn first" href="${state.returnTo}">${texts.continue}</a>
          <button class="btn">${texts.switchAccount}</button>
        </div>
      </form>`,
  }
}

/** The page of a form that was sent after another tab had signed in. A script goes on; without one the link does. */
export function signedInNowPage(
  state: Pick<SignedInState, 'returnTo' | 'place'>,
  setting: Setting,
): Page {
  const { texts } = setting
  const place = state.place ?? ownPlace(setting)
  return {
    status: 200,
    title: texts.signedInNow,
    panel: askingPanel(setting, state.place),
    answer: html`<h1>${texts.signedInNow}</h1>
      <p role="status">${fillText(texts, 'signedInNowHint', { place: place.name })}</p>
      <div class="row">
        <a class="btn first" data-onward href="${state.returnTo}">${texts.continue}</a>
      </div>`,
  }
}
