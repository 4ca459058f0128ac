import type { EpochSeconds } from '@countersign/jwt'
import type { UserProfile } from '../store/port/user-records.ts'
import { accountAddress } from './account-address.ts'
import { accountPage, type AccountVisitor } from './account-frame.ts'
import { accountForm, card, note } from './account-parts.ts'
import { html, type Html } from './html.ts'
import type { Setting, WidePage } from './page.ts'
import { errorSummary, errorAt, type PageFault } from './parts.ts'
import { sayDay } from './texts.ts'

/** The page of what the service knows about a person. */
export interface DataState extends AccountVisitor {
  readonly formValue: string
  readonly profile: UserProfile
  readonly createdAt: EpochSeconds
  /** The name as it was typed, where it is refused. */
  readonly refusedName?: string | undefined
  readonly isNameSaved?: boolean
}

/** Renders the profile, the copy and the way to a deletion. Pure. */
export function dataPage(state: DataState, setting: Setting): WidePage {
  const { texts } = setting
  const isRefused = state.refusedName !== undefined
  const faults = isRefused ? [{ id: 'name', text: html`${texts.accountNameRefused}` }] : []
  const content = html`${errorSummary(texts.accountNameNotSaved, faults)}
    <h1>${texts.accountData}</h1>
    ${state.isNameSaved === true ? note('good', texts.accountNameSaved) : undefined}
    ${profileCard(state, setting, faults)}
    ${card({
      id: 'copy',
      heading: texts.accountCopy,
      hint: texts.accountCopyHint,
      body: html`<div class="body">
        <a class="btn" href="${accountAddress('/account/data/export', texts.lang)}" download
          >${texts.accountCopyGet}</a
        >
      </div>`,
    })}
    ${state.eraseAt === undefined ? deletionCard(setting) : undefined}`
  return accountPage(
    {
      place: 'data',
      path: '/account/data',
      heading: texts.accountData,
      status: isRefused ? 400 : 200,
      isError: isRefused,
      content,
    },
    state,
    setting,
  )
}

function profileCard(state: DataState, setting: Setting, faults: readonly PageFault[]): Html {
  const { texts } = setting
  const { profile, formValue } = state
  const fault = errorAt('name', faults)
  const facts = Object.entries(profile).filter(([claim]) => claim !== 'name')
  const form = accountForm(
    { action: '/account/data/name', formValue },
    texts,
    html`<div class="field">
        <label for="name">${texts.accountName}</label>
        ${fault.text}
        <input
          id="name"
          name="name"
          value="${state.refusedName ?? profile.name ?? ''}"
          autocomplete="name"
          dir="auto"
          ${fault.attributes}
        />
      </div>
      <button class="btn">${texts.accountNameSave}</button>`,
  )
  return card({
    id: 'profile',
    heading: texts.accountProfile,
    body: html`<div class="body">
      ${form}
      <dl class="facts">
        ${facts.map(([claim, value]) => fact(claim, sayClaim(value)))}
        <dt>${texts.accountSince}</dt>
        <dd>${sayDay(texts, state.createdAt)}</dd>
      </dl>
    </div>`,
  })
}

/** A claim has the name that OpenID Connect gives it. */
function fact(claim: string, text: string): Html {
  return html`<dt><code>${claim}</code></dt>
    <dd><bdi>${text}</bdi></dd>`
}

function sayClaim(value: UserProfile[keyof UserProfile]): string {
  return typeof value === 'object' ? Object.values(value).join(', ') : String(value)
}

function deletionCard({ texts }: Setting): Html {
  return card({
    id: 'deletion',
    heading: texts.accountDeletion,
    hint: texts.accountDeletionHint,
    body: html`<div class="body">
      <a class="btn quiet ends" href="${accountAddress('/account/data/delete', texts.lang)}"
        >${texts.accountDelete}</a
      >
    </div>`,
  })
}
