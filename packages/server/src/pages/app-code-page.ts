import { accountAddress } from './account-address.ts'
import { accountPage, type AccountVisitor } from './account-frame.ts'
import { accountForm, card } from './account-parts.ts'
import { codeFaults, codeField, type CodeTrouble } from './code-field.ts'
import { html, type Html } from './html.ts'
import type { Setting, WidePage } from './page.ts'
import { errorSummary } from './parts.ts'
import { qrPicture } from './qr-picture.ts'
import { fillText } from './texts.ts'

/** The page on which a person sets up a code app. */
export interface AppCodeState extends AccountVisitor {
  readonly formValue: string
  readonly qr: readonly (readonly boolean[])[]
  /** The secret in base 32, for typing. */
  readonly key: string
  /** The address that an app on the same device opens. */
  readonly address: string
  /** Whether it replaces another app. */
  readonly replaces: boolean
  /** A path to go on to afterwards, where a sign-in led here. */
  readonly returnTo?: string | undefined
  readonly trouble?: AppCodeTrouble | undefined
}

export type AppCodeTrouble = Exclude<CodeTrouble, { readonly reason: 'code_used' }>

const path = '/account/security/app-code'
const security = '/account/security'

/** Renders the set-up. Pure. */
export function appCodePage(state: AppCodeState, setting: Setting): WidePage {
  const { texts } = setting
  const faults = state.trouble === undefined ? [] : codeFaults('totp', state.trouble, texts)
  const parts = {
    place: 'security',
    path,
    heading: texts.factorSetUp,
    status: faults.length === 0 ? 200 : state.trouble?.reason === 'code_missing' ? 400 : 403,
    isError: faults.length > 0,
    content: html`${errorSummary(texts.factorSetUpSummary, faults)}
      <h1>${texts.factorSetUp}</h1>
      ${state.returnTo === undefined ? undefined : html`<p>${texts.factorSetUpNeeded}</p>`}
      ${state.replaces ? html`<p>${texts.factorSetUpReplaces}</p>` : undefined}
      ${card({
        id: 'scan',
        heading: texts.factorScan,
        hint: texts.factorScanHint,
        body: html`<div class="body">${scanParts(state, setting)}</div>`,
      })}
      ${card({
        id: 'enter',
        heading: texts.factorEnter,
        body: html`<div class="body">
          ${accountForm(
            { action: path, formValue: state.formValue, fields: returnField(state) },
            texts,
            html`${codeField('totp', fillText(texts, 'factorAppHint', { place: setting.site.name }), texts, faults)}
              <div class="row">
                <button class="btn first">${texts.factorTurnOn}</button>
                <a class="btn" href="${accountAddress(security, texts.lang)}"
                  >${texts.confirmCancel}</a
                >
              </div>`,
          )}
        </div>`,
      })}`,
  } as const
  return accountPage(parts, state, setting)
}

function returnField({ returnTo }: AppCodeState): Readonly<Record<string, string>> {
  return returnTo === undefined ? {} : { return_to: returnTo }
}

function scanParts({ qr, key, address }: AppCodeState, { texts }: Setting): Html {
  return html`${qrPicture(qr, texts.factorPicture)}
    <p class="small"><a href="${address}">${texts.factorSameDevice}</a></p>
    <details>
      <summary>${texts.factorTypeKey}</summary>
      <p class="hint">${texts.factorTypeKeyHint}</p>
      <p><code class="key" dir="ltr">${groupsOf(key)}</code></p>
    </details>`
}

/** A key in groups of four letters, as people read it. */
function groupsOf(key: string): string {
  const groups: string[] = []
  for (let at = 0; at < key.length; at += 4) groups.push(key.slice(at, at + 4))
  return groups.join(' ')
}

/** The page that asks before a code app is removed. */
export interface RemoveAppCodeState extends AccountVisitor {
  readonly formValue: string
  /** Whether the account keeps another second factor. */
  readonly keepsFactor: boolean
}

/** Renders the question. Pure. */
export function removeAppCodePage(state: RemoveAppCodeState, setting: Setting): WidePage {
  const { texts } = setting
  const parts = {
    place: 'security',
    path: `${path}/remove`,
    heading: texts.factorRemoveAsked,
    content: html`<h1>${texts.factorRemoveAsked}</h1>
      <p>${state.keepsFactor ? texts.factorRemoveKeeps : texts.factorRemoveLast}</p>
      ${accountForm(
        { action: `${path}/remove`, formValue: state.formValue },
        texts,
        html`<div class="row">
          <button class="btn danger">${texts.factorRemove}</button>
          <a class="btn" href="${accountAddress(security, texts.lang)}">${texts.factorKeep}</a>
        </div>`,
      )}`,
  } as const
  return accountPage(parts, state, setting)
}
