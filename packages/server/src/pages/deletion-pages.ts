import type { EpochSeconds } from '@countersign/jwt'
import { accountAddress } from './account-address.ts'
import { accountPage, type AccountVisitor } from './account-frame.ts'
import { accountForm, card } from './account-parts.ts'
import { html } from './html.ts'
import type { Page, Setting, WidePage } from './page.ts'
import { ownPanel } from './panels.ts'
import { errorSummary } from './parts.ts'
import { signInAddress } from './sign-in-address.ts'
import { fillPlainText, fillText, sayDay } from './texts.ts'

/** The question before a deletion. */
export interface DeletionState extends AccountVisitor {
  readonly formValue: string
  /** The moment of a deletion that is asked for now. */
  readonly until: EpochSeconds
  /** Whether mail tells how to keep the account. */
  readonly sendsMail: boolean
  /** Whether the deletion at once was asked for without the tick. */
  readonly isUnsure?: boolean
}

/** Asks whether to delete the account: after a wait, or at once. Pure. */
export function deletionPage(state: DeletionState, setting: Setting): WidePage {
  const { texts } = setting
  const { formValue, until, isUnsure = false } = state
  const facts = { action: '/account/data/delete', formValue } as const
  const day = sayDay(texts, until)
  const faults = isUnsure ? [{ id: 'sure', text: html`${texts.accountDeleteUnsure}` }] : []
  const content = html`${errorSummary(texts.accountDeleteNotDone, faults)}
    <h1>${texts.accountDeleteAsked}</h1>
    <p>${fillText(texts, 'accountDeleteUntil', { day })}</p>
    ${card({
      id: 'wait',
      heading: texts.accountDeleteGoes,
      body: html`<div class="body">
        <ul class="bullets">
          <li>${texts.accountDeleteGoesWays}</li>
          <li>${texts.accountDeleteGoesAccess}</li>
          <li>${texts.accountDeleteGoesName}</li>
          <li>${texts.accountDeleteStays}</li>
        </ul>
        ${state.sendsMail ? html`<p>${texts.accountDeleteMail}</p>` : undefined}
        ${accountForm(
          { ...facts, fields: { when: 'later' } },
          texts,
          html`<div class="row">
            <button class="btn danger">
              <span>${fillText(texts, 'accountDeleteOn', { day })}</span>
            </button>
            <a class="btn" href="${accountAddress('/account/data', texts.lang)}"
              >${texts.accountKeep}</a
            >
          </div>`,
        )}
      </div>`,
    })}
    ${card({
      id: 'now',
      heading: texts.accountDeleteNow,
      hint: texts.accountDeleteNowHint,
      body: html`<div class="body">
        ${accountForm(
          { ...facts, fields: { when: 'now' } },
          texts,
          html`<div class="tick">
              <input type="checkbox" id="sure" name="sure" value="yes" required />
              <label for="sure">${texts.accountDeleteSure}</label>
            </div>
            <button class="btn quiet ends">${texts.accountDeleteNowDo}</button>`,
        )}
      </div>`,
    })}`
  return accountPage(
    {
      place: 'data',
      path: '/account/data/delete',
      heading: texts.accountDeletion,
      status: isUnsure ? 400 : 200,
      isError: isUnsure,
      content,
    },
    state,
    setting,
  )
}

/** The page of a deletion that waits. */
export interface WaitingDeletionState extends AccountVisitor {
  readonly formValue: string
  readonly eraseAt: EpochSeconds
  /** A same-site path, to go on to. */
  readonly returnTo: string
}

/** Says when the account is deleted, and offers to keep it. Pure. */
export function waitingDeletionPage(state: WaitingDeletionState, setting: Setting): WidePage {
  const { texts } = setting
  const facts = { action: '/account/data/keep', formValue: state.formValue } as const
  const day = sayDay(texts, state.eraseAt)
  const content = html`<h1>${fillText(texts, 'accountDeletedOn', { day })}</h1>
    <p>${texts.accountDeletedOnHint}</p>
    ${accountForm(
      facts,
      texts,
      html`<div class="row">
        <button class="btn first">${texts.accountKeep}</button>
        <a class="btn" href="${state.returnTo}">${texts.continue}</a>
      </div>`,
    )}`
  // The page itself says it, so the note of all other pages would say it twice.
  const { eraseAt: _, ...visitor } = state
  const parts = { place: 'data', path: '/account/data/deletion' } as const
  return accountPage({ ...parts, heading: texts.accountDeletion, content }, visitor, setting)
}

/** The page of the link in the mail about a deletion. */
export interface KeepByLinkState {
  readonly ticket: string
}

/** Offers to keep the account. Opening the link keeps nothing, because mail scanners open links. Pure. */
export function keepByLinkPage({ ticket }: KeepByLinkState, setting: Setting): Page {
  const { texts } = setting
  return {
    status: 200,
    title: texts.accountKeepAsked,
    panel: ownPanel(setting),
    hasSecretAddress: true,
    answer: html`<h1>${texts.accountKeepAsked}</h1>
      <p>${texts.accountKeepHint}</p>
      <form method="post" action="/account/keep">
        <input type="hidden" name="ticket" value="${ticket}" />
        <input type="hidden" name="lang" value="${texts.lang}" />
        <button class="btn first wide">${texts.accountKeep}</button>
      </form>`,
  }
}

/** The end of a deletion: it was done, or revoked by the link, or the link has ended. */
export interface DeletionEndState {
  readonly end: 'erased' | 'kept' | 'link_ended'
}

/** Says how a deletion ended. Pure. */
export function deletionEndPage({ end }: DeletionEndState, setting: Setting): Page {
  const { site, texts } = setting
  const rows = {
    erased: [texts.accountErased, fillPlainText(texts, 'accountErasedHint', { place: site.name })],
    kept: [texts.accountKept, texts.accountKeptHint],
    link_ended: [texts.accountLinkEnded, texts.accountLinkEndedHint],
  } as const
  const [heading, hint] = rows[end]
  return {
    status: end === 'link_ended' ? 410 : 200,
    title: heading,
    panel: ownPanel(setting),
    answer: html`<h1>${heading}</h1>
      <p>${hint}</p>
      <div class="row">
        <a class="btn first" href="${signInAddress({ lang: texts.lang })}">${texts.signIn}</a>
      </div>`,
  }
}
