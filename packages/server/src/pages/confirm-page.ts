import { confirmAddress, type ProofReason } from './confirm-address.ts'
import { html, type Html } from './html.ts'
import type { Page, Setting } from './page.ts'
import { ownPanel } from './panels.ts'
import { errorSummary, passwordInput, warning, type PageFault } from './parts.ts'
import { fillPlainText, fillText, sayDuration, type PlainKey } from './texts.ts'

/** The page that asks for a fresh proof. */
export interface ConfirmState {
  /** The value that binds the form to the session; sent back as `form`. */
  readonly formValue: string
  /** The name of the account. */
  readonly who: string
  /** The act that asks. Default: none is named. */
  readonly why?: ProofReason | undefined
  /** A same-site path; sent back as `return_to`. */
  readonly returnTo: string
  /** A same-site path, for a person who does not confirm. */
  readonly cancelTo: string
  /** The proofs that are asked for. With neither the page leads to the sign-in. */
  readonly asks: { readonly password: boolean }
  /** Default: none; the page at rest. */
  readonly trouble?: ConfirmTrouble | undefined
}

export type ConfirmTrouble =
  | { readonly reason: 'password_missing' }
  | { readonly reason: 'password_wrong' }
  | { readonly reason: 'throttled'; readonly seconds: number }
  | { readonly reason: 'queue_full'; readonly seconds: number }
  | { readonly reason: 'flow_too_old' }

/** Renders the page in one of its states. Pure. */
export function confirmPage(state: ConfirmState, setting: Setting): Page {
  const { texts } = setting
  const { why, returnTo } = state
  const shown = showTrouble(state.trouble, setting)
  return {
    status: shown.status,
    headers: shown.headers ?? {},
    title:
      why === undefined
        ? texts.confirmTitle
        : fillPlainText(texts, 'confirmTo', { act: texts[acts[why]] }),
    isError: shown.faults.length > 0,
    panel: ownPanel(setting),
    inLanguage: (lang) => confirmAddress({ lang, why, returnTo }),
    answer: html`${errorSummary(texts.confirmSummary, shown.faults)}
      <h1>
        ${why === undefined ? texts.confirmTitle : fillText(texts, 'confirmTo', { act: texts[acts[why]] })}
      </h1>
      <p>${fillText(texts, 'confirmAs', { who: state.who })}</p>
      ${shown.note} ${confirmForm(state, setting, shown.faults)}`,
  }
}

const acts: Readonly<Record<ProofReason, PlainKey>> = {
  password: 'confirmPasswordAct',
  factor: 'confirmFactorAct',
  passkeys: 'confirmPasskeysAct',
  addresses: 'confirmAddressesAct',
  sessions: 'confirmSessionsAct',
  apps: 'confirmAppsAct',
  export: 'confirmExportAct',
  delete: 'confirmDeleteAct',
  account: 'confirmAccountAct',
}

function confirmForm(state: ConfirmState, { texts }: Setting, faults: readonly PageFault[]): Html {
  const { formValue, who, why, returnTo, cancelTo, asks } = state
  if (!asks.password)
    return html`<p>${texts.confirmNoWay}</p>
      <a class="btn" href="${cancelTo}">${texts.confirmCancel}</a>`
  return html`<form method="post" action="/confirm">
    <input type="hidden" name="form" value="${formValue}" />
    <input type="hidden" name="lang" value="${texts.lang}" />
    <input type="hidden" name="return_to" value="${returnTo}" />
    ${why === undefined ? undefined : html`<input type="hidden" name="why" value="${why}" />`}
    <input
      class="away"
      name="username"
      value="${who}"
      autocomplete="username"
      readonly
      tabindex="-1"
      aria-hidden="true"
    />
    <div class="field">
      <label for="password">${texts.password}</label>
      ${passwordInput({ id: 'password', name: 'password', autocomplete: 'current-password' }, texts, faults)}
    </div>
    <div class="row">
      <button class="btn first">${texts.confirmButton}</button>
      <a class="btn" href="${cancelTo}">${texts.confirmCancel}</a>
    </div>
  </form>`
}

interface ShownTrouble {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly faults: readonly PageFault[]
  readonly note?: Html
}

/** The status and the texts of each state. */
function showTrouble(trouble: ConfirmTrouble | undefined, { texts }: Setting): ShownTrouble {
  switch (trouble?.reason) {
    case undefined:
      return { status: 200, faults: [] }
    case 'password_missing':
      return { status: 400, faults: [{ id: 'password', text: html`${texts.passwordMissing}` }] }
    case 'password_wrong':
      return {
        status: 403,
        faults: [{ id: 'password', text: html`${texts.confirmPasswordWrong}` }],
      }
    case 'throttled': {
      const text = fillText(texts, 'throttled', { duration: sayDuration(texts, trouble.seconds) })
      return { ...waiting(429, trouble.seconds), faults: [{ id: 'password', text }] }
    }
    case 'queue_full': {
      const text = fillText(texts, 'confirmBusy', { duration: sayDuration(texts, trouble.seconds) })
      return {
        ...waiting(503, trouble.seconds),
        faults: [],
        note: warning(texts.queueFullTitle, text),
      }
    }
    case 'flow_too_old':
      return {
        status: 400,
        faults: [],
        note: warning(texts.flowTooOldTitle, html`${texts.confirmTitle}.`),
      }
  }
}

function waiting(status: number, seconds: number) {
  return { status, headers: { 'retry-after': String(Math.max(1, Math.ceil(seconds))) } }
}
