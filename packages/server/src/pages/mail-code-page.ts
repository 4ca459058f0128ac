import {
  formNotice,
  hiddenFields,
  warning,
  type FormTrouble,
  type ShownNotice,
} from './form-fields.ts'
import { html, type Html } from './html.ts'
import type { Page, Setting } from './page.ts'
import { ownPanel } from './panels.ts'
import { errorAt, errorSummary, type PageFault } from './parts.ts'
import { fillText, sayDuration, sayNumber } from './texts.ts'

/** The page on which a person types the code of a mail. */
export interface MailCodeState {
  /** The path that takes the form. */
  readonly action: `/${string}`
  readonly formValue: string
  /**
   * In the browser that asked, the secret of its flow and the masked or typed address; elsewhere the secret of the link.
   */
  readonly at:
    | { readonly browser: 'asked'; readonly flow: string; readonly address: string }
    | { readonly browser: 'other'; readonly link: string }
  readonly about: 'sign_up' | 'sign_in' | 'reset' | 'change'
  /** Where a person begins again, with another address or for a new code. */
  readonly restart: string
  /** The path that sends a new code. Absent where none can be sent. */
  readonly again?: `/${string}` | undefined
  /** The seconds until a new code can be sent. */
  readonly waitSeconds: number
  readonly trouble?: MailCodeTrouble | undefined
}

export type MailCodeTrouble =
  | FormTrouble
  | { readonly reason: 'code_missing' | 'code_locked' | 'code_expired' | 'code_sent' }
  | { readonly reason: 'code_wrong'; readonly attemptsLeft: number }
  | { readonly reason: 'too_soon' | 'too_often'; readonly seconds: number }

/** Renders the page on which a person types the code of a mail. Pure. */
export function mailCodePage(state: MailCodeState, setting: Setting): Page {
  const { texts } = setting
  const { at } = state
  const faults = faultsOf(state, setting)
  const notice = noticeOf(state.trouble, setting)
  const secret = at.browser === 'asked' ? { flow: at.flow } : { link: at.link }
  const fault = errorAt('code', faults, ['code-hint'])
  const hidden = hiddenFields({ form: state.formValue, lang: texts.lang, ...secret })
  return {
    status: notice?.status ?? (faults.length > 0 ? 400 : 200),
    headers: notice?.headers ?? {},
    title: headingOf(state, setting),
    isError: faults.length > 0,
    // The secret of a flow is nothing outside of its browser.
    hasSecretAddress: at.browser === 'other',
    panel: ownPanel(setting),
    answer: html`${errorSummary(texts.summaryCode, faults)}
      <h1>${headingOf(state, setting)}</h1>
      <p>${hintOf(state, setting)}</p>
      ${notice?.note}
      <form method="post" action="${state.action}">
        ${hidden}
        <div class="field">
          <label for="code">${texts.mailCode}</label>
          <p class="hint" id="code-hint">${texts.mailCodeHint}</p>
          ${fault.text}
          <input
            id="code"
            name="code"
            autocomplete="one-time-code"
            autocapitalize="characters"
            autocorrect="off"
            spellcheck="false"
            dir="ltr"
            required
            ${fault.attributes}
          />
        </div>
        <button class="btn first wide">${texts.mailCodeGoOn}</button>
      </form>
      ${againForm(state, hidden, setting)}
      <p class="small">
        <a href="${state.restart}"
          >${at.browser === 'asked' ? texts.otherAddress : texts.beginAgain}</a
        >
      </p>`,
  }
}

function againForm(
  { again, waitSeconds }: MailCodeState,
  hidden: Html,
  { texts }: Setting,
): Html | undefined {
  if (again === undefined) return undefined
  const duration = sayDuration(texts, waitSeconds)
  return html`<form method="post" action="${again}">
    ${hidden}
    <button class="btn">${texts.sendAgain}</button>
    ${waitSeconds <= 0 ? undefined : html`<p class="hint">${fillText(texts, 'sendAgainAfter', { duration })}</p>`}
  </form>`
}

function headingOf({ at, about }: MailCodeState, { texts }: Setting): string {
  if (at.browser === 'other') return texts.codeElsewhere
  return about === 'sign_in' ? texts.checkMailFirst : texts.checkMail
}

function hintOf({ at, about }: MailCodeState, { texts }: Setting): Html | string {
  if (at.browser === 'other') return texts.codeElsewhereHint
  const { address } = at
  switch (about) {
    case 'sign_up':
      return fillText(texts, 'checkMailSignUp', { address })
    case 'sign_in':
      return fillText(texts, 'checkMailFirstHint', { address })
    case 'reset':
      return fillText(texts, 'checkMailReset', { address })
    case 'change':
      return fillText(texts, 'checkMailChange', { address })
  }
}

function faultsOf({ trouble, at }: MailCodeState, { texts }: Setting): readonly PageFault[] {
  const isElsewhere = at.browser === 'other'
  const fault = (text: Html | string) => [{ id: 'code', text: html`${text}` }]
  switch (trouble?.reason) {
    case 'code_missing':
      return fault(texts.codeMissing)
    case 'code_wrong': {
      const count = sayNumber(texts, trouble.attemptsLeft)
      return fault(fillText(texts, 'codeWrong', { count }))
    }
    case 'code_locked':
      return fault(isElsewhere ? texts.codeLockedElsewhere : texts.codeLocked)
    case 'code_expired':
      return fault(isElsewhere ? texts.codeExpiredElsewhere : texts.codeExpired)
    case undefined:
    case 'code_sent':
    case 'too_soon':
    case 'too_often':
    case 'throttled':
    case 'queue_full':
    case 'flow_too_old':
    case 'other_site':
      return []
  }
}

function noticeOf(
  trouble: MailCodeTrouble | undefined,
  { texts }: Setting,
): ShownNotice | undefined {
  const calm = { status: 200, headers: {} }
  switch (trouble?.reason) {
    case 'code_sent': {
      const note = html`<div class="note" role="status">
        <b>${texts.codeSentTitle}</b>${texts.codeSent}
      </div>`
      return { ...calm, note }
    }
    case 'too_soon': {
      const duration = sayDuration(texts, trouble.seconds)
      const text = fillText(texts, 'sendAgainAfter', { duration })
      return { ...calm, status: 429, note: warning(texts.codeTooSoonTitle, text) }
    }
    case 'too_often': {
      const duration = sayDuration(texts, trouble.seconds)
      const text = fillText(texts, 'codeTooOften', { duration })
      return { ...calm, status: 429, note: warning(texts.codeTooOftenTitle, text) }
    }
    case 'throttled':
    case 'queue_full':
    case 'flow_too_old':
    case 'other_site':
      return formNotice(trouble, texts)
    case undefined:
    case 'code_missing':
    case 'code_wrong':
    case 'code_locked':
    case 'code_expired':
      return undefined
  }
}
