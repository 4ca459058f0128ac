import { html, type Html } from './html.ts'
import { sayScope } from './say-scope.ts'
import type { Page, Place, Setting } from './page.ts'
import { fillPlainText, fillText, type Catalogue } from './texts.ts'

/** The page on which a user lets an app have access. */
export interface ConsentState {
  /** The value of the form, bound to the session and to the request. */
  readonly formValue: string
  /** The id of the waiting request. */
  readonly flow: string
  /** A same-site path that comes back to this page. */
  readonly returnTo: string
  /** The value of the form that signs out, for another account. */
  readonly switchValue: string
  readonly who: string
  readonly app: Place
  /** Whether the app is a program on the computer of the user. */
  readonly isOnThisComputer: boolean
  /** The host of the resource; absent where the app only learns who the user is. */
  readonly resource?: string | undefined
  readonly newScopes: readonly string[]
  /** The scopes that the user gave before. */
  readonly knownScopes: readonly string[]
  readonly staysSignedIn: boolean
  /** The origin that the answer goes to. */
  readonly target: string
}

/** Renders the question. Both answers are a POST. Pure. */
export function consentPage(state: ConsentState, setting: Setting): Page {
  const { texts } = setting
  const { app, newScopes, knownScopes } = state
  return {
    status: 200,
    title: fillPlainText(texts, 'consentTitle', { app: app.name }),
    formTarget: state.target,
    panel: {
      name: texts.consentPanel,
      label: texts.consentPanelLabel,
      place: app,
      aside: fillText(texts, 'panelAddress', { origin: setting.site.origin }),
    },
    answer: html`<h1>${headingOf(state, texts)}</h1>
      <form method="post" action="/sign-out" class="inline small">
        <input type="hidden" name="form" value="${state.switchValue}" />
        <input type="hidden" name="lang" value="${texts.lang}" />
        <input type="hidden" name="then" value="sign-in" />
        <input type="hidden" name="return_to" value="${state.returnTo}" />
        <p>${fillText(texts, 'consentWho', { who: state.who })}</p>
        <button class="link">${texts.switchAccount}</button>
      </form>
      ${
        state.staysSignedIn
          ? html`<ul class="marks" aria-label="${texts.consentMarks}">
              <li class="mark">${texts.consentStays}</li>
            </ul>`
          : undefined
      }
      <form method="post" action="/oauth2/authorize/continue">
        <input type="hidden" name="form" value="${state.formValue}" />
        <input type="hidden" name="flow" value="${state.flow}" />
        <input type="hidden" name="lang" value="${texts.lang}" />
        ${scopeList(texts.consentMay, 'may', newScopes, texts)}
        ${knownScopes.length === 0 ? undefined : scopeList(texts.consentMayAlready, 'may-already', knownScopes, texts)}
        ${whereTo(state, texts)}
        ${state.staysSignedIn ? html`<p class="small">${texts.consentKeeps}</p>` : undefined}
        <div class="row even">
          <button class="btn" name="answer" value="allow">${texts.consentAllow}</button>
          <button class="btn" name="answer" value="cancel">${texts.consentCancel}</button>
        </div>
      </form>`,
  }
}

function headingOf({ app, resource, knownScopes }: ConsentState, texts: Catalogue): Html {
  const name = app.name
  if (knownScopes.length > 0) return fillText(texts, 'consentHeadingMore', { app: name })
  return resource === undefined
    ? fillText(texts, 'consentHeadingIdentity', { app: name })
    : fillText(texts, 'consentHeading', { app: name, resource })
}

function whereTo({ app, isOnThisComputer }: ConsentState, texts: Catalogue): Html {
  return isOnThisComputer
    ? html`<div class="note warn"><b>${texts.consentHere}</b>${texts.consentHereHint}</div>`
    : html`<div class="note warn">
        <b>${fillText(texts, 'consentSentTo', { host: app.host })}</b>${texts.consentSentToHint}
      </div>`
}

function scopeList(heading: string, id: string, scopes: readonly string[], texts: Catalogue): Html {
  return html`<section aria-labelledby="${id}">
    <h2 id="${id}">${heading}</h2>
    <ul class="scopes">
      ${scopes.map((scope) => html`<li><span>${sayScope(scope, texts)}</span></li>`)}
    </ul>
  </section>`
}
