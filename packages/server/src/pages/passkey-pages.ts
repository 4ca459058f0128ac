import { accountAddress } from './account-address.ts'
import { accountPage, type AccountVisitor } from './account-frame.ts'
import { card, note } from './account-parts.ts'
import { hiddenFields } from './form-fields.ts'
import { html, type Html } from './html.ts'
import type { Setting, WidePage } from './page.ts'
import { errorAt, errorSummary } from './parts.ts'
import { passkeyForm } from './passkey-form.ts'
import { passkeyAddress } from './security/passkeys-card.ts'
import { fillPlainText, fillText, type Catalogue } from './texts.ts'

/** The page that adds a passkey. */
export interface AddPasskeyState extends AccountVisitor {
  readonly formValue: string
  readonly trouble?: AddPasskeyTrouble | undefined
}

export type AddPasskeyTrouble = 'exists' | 'too_many' | 'refused' | 'late'

/** Renders the page in one of its states. Pure. */
export function addPasskeyPage(state: AddPasskeyState, setting: Setting): WidePage {
  const { texts } = setting
  const form = passkeyForm(
    {
      act: 'create',
      action: '/account/security/passkeys/add',
      begin: '/account/security/passkeys/options',
      fields: { form: state.formValue },
      button: texts.passkeyCreate,
      isFirst: true,
      after: cancelLink(texts),
    },
    texts,
  )
  const body = html`<div class="body">
    ${form}
    <noscript><p>${texts.passkeyAddNeedsScript}</p></noscript>
  </div>`
  const page = accountPage(
    {
      place: 'security',
      path: '/account/security/passkeys/add',
      status: state.trouble === undefined ? 200 : 403,
      heading: texts.passkeyAdd,
      content: html`<h1>${texts.passkeyAdd}</h1>
        <p>${texts.passkeyAddHint}</p>
        ${addTroubleNote(state.trouble, texts)}
        ${card({ id: 'new', heading: texts.passkeys, hint: texts.passkeysHint, body })}`,
    },
    state,
    setting,
  )
  return { ...page, usesPasskeys: true }
}

function addTroubleNote(
  trouble: AddPasskeyTrouble | undefined,
  texts: Catalogue,
): Html | undefined {
  switch (trouble) {
    case undefined:
      return undefined
    case 'exists':
      return note('warn', texts.passkeyThere, texts.passkeyThereHint)
    case 'too_many':
      return note('warn', texts.passkeyTooMany, texts.passkeyTooManyHint)
    case 'refused':
      return note('warn', texts.passkeyNotAdded, texts.passkeyNotAddedHint)
    case 'late':
      return note(
        'warn',
        texts.passkeyLate,
        fillText(texts, 'passkeyLateHint', { button: texts.passkeyCreate }),
      )
  }
}

function cancelLink(texts: Catalogue): Html {
  const address = accountAddress('/account/security', texts.lang)
  return html`<a class="btn" href="${address}">${texts.passkeyCancel}</a>`
}

interface OnePasskeyState extends AccountVisitor {
  readonly formValue: string
  readonly credentialId: string
  readonly name: string
}

/** The page that gives a passkey another name. */
export interface RenamePasskeyState extends OnePasskeyState {
  /** The name that was refused. Default: none; the page at rest. */
  readonly typed?: string | undefined
}

export function renamePasskeyPage(state: RenamePasskeyState, setting: Setting): WidePage {
  const { texts } = setting
  const { name, typed, formValue, credentialId: id } = state
  const heading = fillPlainText(texts, 'passkeyRenameFull', { name })
  const faults = typed === undefined ? [] : [{ id: 'name', text: html`${texts.passkeyNameWrong}` }]
  const fault = errorAt('name', faults, ['name-hint'])
  const form = html`<form method="post" action="/account/security/passkeys/rename">
    <div class="field narrow">
      <label for="name">${texts.passkeyName}</label>
      <p class="hint" id="name-hint">${texts.passkeyNameHint}</p>
      ${fault.text}
      <input
        id="name"
        name="name"
        value="${typed ?? name}"
        autocomplete="off"
        dir="auto"
        required
        ${fault.attributes}
      />
    </div>
    <div class="row">
      <button class="btn first">${texts.passkeySave}</button>
      ${cancelLink(texts)}
    </div>
    ${hiddenFields({ form: formValue, id, lang: texts.lang })}
  </form>`
  return passkeyPage(
    {
      act: 'rename',
      status: typed === undefined ? 200 : 400,
      isError: typed !== undefined,
      heading,
      content: html`${errorSummary(texts.passkeyNameSummary, faults)}
        <h1>${fillText(texts, 'passkeyRenameFull', { name })}</h1>
        ${form}`,
    },
    state,
    setting,
  )
}

/** The page that asks before it removes a passkey. */
export interface RemovePasskeyState extends OnePasskeyState {
  /** The ways to sign in that stay. `none`: it is the last one. */
  readonly stays: 'password' | 'password_and_code' | 'passkey' | 'none'
}

export function removePasskeyPage(state: RemovePasskeyState, setting: Setting): WidePage {
  const { texts } = setting
  const { name, stays, formValue: form, credentialId: id } = state
  const heading = fillPlainText(texts, 'passkeyRemoveAsked', { name })
  const content = html`<h1>${fillText(texts, 'passkeyRemoveAsked', { name })}</h1>
    ${stays === 'none' ? lastWayIn(texts) : removeForm(stays, { form, id }, texts)}`
  const status = stays === 'none' ? 409 : 200
  return passkeyPage({ act: 'remove', status, heading, content }, state, setting)
}

function removeForm(
  stays: 'password' | 'password_and_code' | 'passkey',
  fields: Readonly<Record<string, string>>,
  texts: Catalogue,
): Html {
  const ways = {
    password: texts.passkeyWayPassword,
    password_and_code: texts.passkeyWayPasswordAndCode,
    passkey: texts.passkeyWayOthers,
  }[stays]
  const keep = accountAddress('/account/security', texts.lang)
  return html`<p>${fillText(texts, 'passkeyRemoveHint', { ways })}</p>
    <form method="post" action="/account/security/passkeys/remove">
      ${hiddenFields({ ...fields, lang: texts.lang })}
      <div class="row">
        <button class="btn danger">${texts.passkeyRemove}</button>
        <a class="btn" href="${keep}">${texts.passkeyKeep}</a>
      </div>
    </form>`
}

function lastWayIn(texts: Catalogue): Html {
  const add = accountAddress('/account/security/passkeys/add', texts.lang)
  const keep = accountAddress('/account/security', texts.lang)
  return html`${note('warn', texts.passkeyLast, texts.passkeyLastHint)}
    <div class="row">
      <a class="btn first" href="${add}">${texts.passkeyAdd}</a>
      <a class="btn" href="${keep}">${texts.passkeyKeep}</a>
    </div>`
}

interface PasskeyPageParts {
  readonly act: 'rename' | 'remove'
  readonly status: number
  readonly isError?: boolean
  readonly heading: string
  readonly content: Html
}

function passkeyPage(
  { act, ...parts }: PasskeyPageParts,
  state: OnePasskeyState,
  setting: Setting,
): WidePage {
  const page = accountPage({ place: 'security', ...parts }, state, setting)
  return { ...page, inLanguage: (lang) => passkeyAddress(act, state.credentialId, { lang }) }
}
