import { codeFaults, codeField, type CodeTrouble, type CodeWay } from './code-field.ts'
import { confirmAddress, type ProofReason } from './confirm-address.ts'
import { hiddenFields, warning } from './form-fields.ts'
import { html, type Html } from './html.ts'
import type { Page, Setting } from './page.ts'
import { ownPanel } from './panels.ts'
import { errorSummary, passwordInput, type PageFault } from './parts.ts'
import type { SecondFactorWays } from './second-factor-page.ts'
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
  /** The proofs that are asked for. */
  readonly asks: ProofAsked
  /** Default: none; the page at rest. */
  readonly trouble?: ConfirmTrouble | undefined
}

/** The fields of the form, and the other ways that the user has. Without a field and a passkey there is no way. */
export interface ProofAsked {
  readonly password: boolean
  /** The code that is asked for next to the password. */
  readonly code?: CodeWay | undefined
  readonly ways: SecondFactorWays
}

export type ConfirmTrouble =
  | CodeTrouble
  | { readonly reason: 'password_missing' }
  | { readonly reason: 'password_wrong' }
  | { readonly reason: 'throttled'; readonly seconds: number }
  | { readonly reason: 'queue_full'; readonly seconds: number }
  | { readonly reason: 'flow_too_old' }

/** Renders the page in one of its states. Pure. */
export function confirmPage(state: ConfirmState, setting: Setting): Page {
  const { texts } = setting
  const { why, returnTo } = state
  const shown = showProofTrouble(state, setting)
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

function confirmForm(state: ConfirmState, setting: Setting, faults: readonly PageFault[]): Html {
  const { formValue, who, why, returnTo, cancelTo, asks } = state
  const { texts, site } = setting
  const cancel = html`<a class="btn" href="${cancelTo}">${texts.confirmCancel}</a>`
  if (!asks.password) return withoutField(state, cancel, setting)
  const hint =
    asks.code === 'recovery'
      ? texts.factorRecoveryHint
      : fillText(texts, 'factorAppHint', { place: site.name })
  return html`<form method="post" action="/confirm">
      ${hiddenFields({ form: formValue, lang: texts.lang, return_to: returnTo, why, way: asks.code })}
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
      ${asks.code && codeField(asks.code, hint, texts, faults)}
      <div class="row">
        <button class="btn first">${texts.confirmButton}</button>
        ${cancel}
      </div>
    </form>
    ${otherProofs(state, setting)}`
}

/** The part of a page whose only way is a passkey, or that has none. */
function withoutField(state: ConfirmState, cancel: Html, setting: Setting): Html {
  const { texts } = setting
  const { passkey } = state.asks.ways
  const first = html`<a class="btn first" href="${passkeyAddress(state, texts.lang)}"
    >${texts.factorPasskey}</a
  >`
  const signOut = html`<a class="btn first" href="/sign-out?lang=${texts.lang}"
    >${texts.signOut}</a
  >`
  return html`<p>${passkey ? texts.factorPasskeyHint : texts.confirmNoWay}</p>
    <div class="row">${passkey ? first : signOut} ${cancel}</div>
    ${otherProofs(state, setting)}`
}

/** The other ways to prove it. Empty where there is none. */
function otherProofs(state: ConfirmState, { texts }: Setting): Html | undefined {
  const { asks, why, returnTo } = state
  const { ways, password, code } = asks
  const { lang } = texts
  const to = (way: CodeWay) => confirmAddress({ lang, why, returnTo, way })
  const links = [
    ways.passkey && password
      ? html`<a href="${passkeyAddress(state, lang)}">${texts.factorUsePasskey}</a>`
      : undefined,
    ways.totp && code !== 'totp' && (code !== undefined || !password)
      ? html`<a href="${to('totp')}">${texts.factorUseApp}</a>`
      : undefined,
    ways.recovery && code !== 'recovery' && (code !== undefined || !password)
      ? html`<a href="${to('recovery')}">${texts.factorUseRecovery}</a>`
      : undefined,
  ].filter((link) => link !== undefined)
  if (links.length === 0) return undefined
  const heading = code === 'totp' ? texts.factorOtherWays : texts.factorOtherWaysRecovery
  return html`<details>
    <summary>${password ? heading : texts.factorOtherWaysPasskey}</summary>
    <ul class="small">
      ${links.map((link) => html`<li>${link}</li>`)}
    </ul>
  </details>`
}

function passkeyAddress({ why, returnTo }: ConfirmState, lang: string): string {
  return confirmAddress({ lang, why, returnTo }).replace('/confirm', '/confirm/passkey')
}

interface ShownTrouble {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly faults: readonly PageFault[]
  readonly note?: Html
}

/** The status and the texts of each state. */
function showProofTrouble({ trouble, asks }: ConfirmState, { texts }: Setting): ShownTrouble {
  switch (trouble?.reason) {
    case undefined:
      return { status: 200, faults: [] }
    case 'code_missing':
      return { status: 400, faults: codeFaults(asks.code ?? 'totp', trouble, texts) }
    case 'code_wrong':
      return { status: 403, faults: codeFaults(asks.code ?? 'totp', trouble, texts) }
    case 'code_used': {
      const duration = sayDuration(texts, trouble.seconds)
      const text = fillText(texts, 'factorUsed', { duration })
      return { status: 403, faults: [], note: warning(texts.factorUsedTitle, text) }
    }
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
