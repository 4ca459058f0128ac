import type { EpochSeconds } from '@countersign/jwt'
import { html, type Html } from './html.ts'
import type { Page, Setting } from './page.ts'
import { ownPanel } from './panels.ts'
import { signInAddress } from './sign-in-address.ts'
import { fillText, sayDuration, sayMoment, type PlainKey } from './texts.ts'

/** The page of a request that got no answer of its own. */
export interface ErrorState {
  readonly status: ErrorPageStatus
  readonly requestId: string
  readonly now: EpochSeconds
  /** The name of the account, where someone is signed in. */
  readonly who?: string | undefined
  readonly retryAfterSeconds?: number | undefined
}

export type ErrorPageStatus = 400 | 403 | 404 | 405 | 413 | 429 | 500 | 503

/** Title, sentence and way on of each status. */
const rows = {
  400: { title: 'notUnderstood', hint: 'notUnderstoodHint', ways: ['start'] },
  403: { title: 'notAllowed', hint: 'notAllowedHint', ways: ['switch', 'start'] },
  404: { title: 'notFound', hint: 'notFoundHint', ways: ['start'] },
  405: { title: 'wrongMethod', hint: 'wrongMethodHint', ways: ['start'] },
  413: { title: 'tooLong', hint: 'tooLongHint', ways: ['start'] },
  429: { title: 'tooMany', hint: 'tooManyHint', ways: [] },
  500: { title: 'broken', hint: 'brokenHint', ways: ['again', 'start'] },
  503: { title: 'unavailable', hint: 'unavailableHint', ways: ['again'] },
} as const

/** Renders an error with the id to ask about. Pure. */
export function errorPage(state: ErrorState, setting: Setting): Page {
  const { texts } = setting
  const { title, hint, ways } = rows[state.status]
  const { retryAfterSeconds: seconds = 1 } = state
  const duration = sayDuration(texts, seconds)
  const isTimed = state.status === 429 || state.status === 503
  const sentence =
    hint === 'tooManyHint' ? fillText(texts, hint, { duration }) : html`${texts[hint]}`
  return {
    status: state.status,
    headers: isTimed ? { 'retry-after': String(Math.max(1, Math.ceil(seconds))) } : {},
    title: texts[title],
    isError: true,
    // It answers every address, also that of a ticket.
    hasSecretAddress: true,
    panel: reportPanel(state, setting),
    answer: html`<h1>${headingOf(state, setting, title)}</h1>
      <p>${sentence}</p>
      ${ways.length === 0 ? undefined : html`<div class="row">${ways.map((way, at) => wayOn(way, at === 0, setting))}</div>`}
      <dl class="facts">
        <dt>${texts.requestId}</dt>
        <dd><code>${state.requestId}</code></dd>
        <dt>${texts.time}</dt>
        <dd>
          <time datetime="${new Date(state.now * 1000).toISOString()}"
            >${sayMoment(texts, state.now)}</time
          >
        </dd>
      </dl>`,
  }
}

function headingOf({ status, who }: ErrorState, { texts }: Setting, title: PlainKey): Html {
  return status === 403 && who !== undefined
    ? fillText(texts, 'notAllowedAs', { who })
    : html`${texts[title]}`
}

function reportPanel({ status }: ErrorState, setting: Setting): Page['panel'] {
  const panel = ownPanel(setting)
  return {
    ...panel,
    name: setting.site.name,
    place: { ...panel.place, name: String(status) },
    aside: html`${setting.texts.panelReport}`,
  }
}

type Way = 'start' | 'again' | 'switch'

function wayOn(way: Way, isFirst: boolean, { texts }: Setting): Html {
  const style = isFirst ? 'btn first' : 'btn'
  switch (way) {
    case 'start':
      return html`<a class="${style}" href="${signInAddress({ lang: texts.lang })}"
        >${texts.signIn}</a
      >`
    case 'switch':
      return html`<a class="${style}" href="/sign-out?lang=${texts.lang}"
        >${texts.switchAccount}</a
      >`
    case 'again':
      return html`<a class="${style}" href="">${texts.tryAgain}</a>`
  }
}
