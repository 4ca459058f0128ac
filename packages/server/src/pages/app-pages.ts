import { html, type Html } from './html.ts'
import type { Page, Place, Setting } from './page.ts'
import { ownPanel } from './panels.ts'
import { fillPlainText, fillText } from './texts.ts'

/** The page of a request of an app that goes no further. Nothing is sent to the app. */
export interface AppProblemState {
  readonly problem: 'unknown' | 'redirect' | 'malformed' | 'too_old' | 'answered'
  readonly requestId: string
  /** The name of the app, where it is known. */
  readonly app?: string | undefined
}

const rows = {
  unknown: { title: 'appUnknown', hint: 'appUnknownHint', status: 400 },
  redirect: { title: 'appRedirect', hint: 'appRedirectHint', status: 400 },
  malformed: { title: 'appMalformed', hint: 'appMalformedHint', status: 400 },
  too_old: { title: 'appTooOld', hint: 'appTooOldHintUnknown', status: 400 },
  answered: { title: 'appAnswered', hint: 'appAnsweredHint', status: 200 },
} as const

/** Renders the problem with the id to ask about. Pure. */
export function appProblemPage(state: AppProblemState, setting: Setting): Page {
  const { texts } = setting
  const { title, hint, status } = rows[state.problem]
  const isOld = state.problem === 'too_old' && state.app !== undefined
  const sentence: Html = isOld
    ? fillText(texts, 'appTooOldHint', { app: state.app ?? '' })
    : html`${texts[hint]}`
  return {
    status,
    title: texts[title],
    isError: status !== 200,
    panel: ownPanel(setting),
    answer: html`<h1>${texts[title]}</h1>
      <p>${sentence}</p>
      <dl class="facts">
        <dt>${texts.requestId}</dt>
        <dd><code>${state.requestId}</code></dd>
      </dl>`,
  }
}

/** The page that sends an answer to an app by a form (`response_mode=form_post`). */
export interface AppAnswerState {
  readonly app: Place
  /** The redirect URI, and the origin of it. */
  readonly action: string
  readonly target: string
  readonly fields: readonly (readonly [name: string, value: string])[]
}

/** Renders the form. A script sends it; without one the button does. Source: OAuth 2.0 Form Post Response Mode §2. */
export function appAnswerPage(
  { app, action, target, fields }: AppAnswerState,
  setting: Setting,
): Page {
  const { texts } = setting
  return {
    status: 200,
    title: fillPlainText(texts, 'appGoingOn', { app: app.name }),
    formTarget: target,
    panel: ownPanel(setting),
    answer: html`<h1>${fillText(texts, 'appGoingOn', { app: app.name })}</h1>
      <form method="post" action="${action}" data-submits>
        ${fields.map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}" />`)}
        <button class="btn first">${texts.continue}</button>
      </form>`,
  }
}
