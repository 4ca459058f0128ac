import { codeFaults, codeField, type CodeTrouble, type CodeWay } from './code-field.ts'
import { hiddenFields, warning } from './form-fields.ts'
import { html, type Html } from './html.ts'
import type { Page, Panel, Place, Setting } from './page.ts'
import { askingPanel } from './panels.ts'
import { errorSummary } from './parts.ts'
import { signInAddress } from './sign-in-address.ts'
import { secondFactorAddress } from './second-factor-address.ts'
import { fillText, sayDuration } from './texts.ts'

/** The page for the second factor of a sign-in. */
export interface SecondFactorState {
  /** The value that binds the form to the browser and the user; sent back as `form`. */
  readonly formValue: string
  readonly who: string
  readonly way: CodeWay
  /** The further ways that the user has. */
  readonly ways: SecondFactorWays
  readonly returnTo?: string | undefined
  readonly place?: Place | undefined
  /** Default: none; the page at rest. */
  readonly trouble?: SecondFactorTrouble | undefined
}

export interface SecondFactorWays {
  readonly totp: boolean
  readonly recovery: boolean
  readonly passkey: boolean
}

export type SecondFactorTrouble =
  | CodeTrouble
  | { readonly reason: 'throttled'; readonly seconds: number }
  | { readonly reason: 'flow_too_old' }
  | { readonly reason: 'other_site' }

/** Renders the page in one of its states. Pure. */
export function secondFactorPage(state: SecondFactorState, setting: Setting): Page {
  const { texts, site } = setting
  const { way, ways, returnTo, formValue, who } = state
  const shown = showCodeTrouble(state, setting)
  const heading = way === 'totp' ? texts.factorApp : texts.factorRecovery
  const hint =
    way === 'totp'
      ? fillText(texts, 'factorAppHint', { place: site.name })
      : texts.factorRecoveryHint
  return {
    status: shown.status,
    ...(shown.headers === undefined ? {} : { headers: shown.headers }),
    title: heading,
    isError: shown.faults.length > 0,
    panel: panelOf(state.place, setting),
    inLanguage: (lang) => secondFactorAddress({ lang, way }),
    answer: html`${errorSummary(texts.factorSummary, shown.faults)}
      <h1>${heading}</h1>
      <p>${fillText(texts, 'factorSigningInAs', { who })}</p>
      ${shown.note}
      <form method="post" action="/sign-in/second-factor">
        ${hiddenFields({ form: formValue, lang: texts.lang, way })}
        ${codeField(way, hint, texts, shown.faults)}
        <div class="row">
          <button class="btn first">${texts.factorGoOn}</button>
          <a class="btn" href="${signInAddress({ lang: texts.lang, returnTo })}"
            >${texts.startAgain}</a
          >
        </div>
      </form>
      ${otherWays(way, ways, setting)}`,
  }
}

/** The panel, which asks for attention to the place that asks for a code. */
function panelOf(place: Place | undefined, setting: Setting): Panel {
  const { texts, site } = setting
  const aside = fillText(texts, 'factorOnlyHere', { place: site.name })
  return { ...askingPanel(setting, place), aside }
}

/** The other ways. A person who has none of them needs help. */
function otherWays(way: CodeWay, ways: SecondFactorWays, { texts }: Setting): Html {
  const { lang } = texts
  const links = [
    ways.passkey
      ? html`<a href="/sign-in/second-factor/passkey?lang=${lang}">${texts.factorUsePasskey}</a>`
      : undefined,
    ways.totp && way !== 'totp'
      ? html`<a href="${secondFactorAddress({ lang, way: 'totp' })}">${texts.factorUseApp}</a>`
      : undefined,
    ways.recovery && way !== 'recovery'
      ? html`<a href="${secondFactorAddress({ lang, way: 'recovery' })}"
          >${texts.factorUseRecovery}</a
        >`
      : undefined,
    html`<a href="/sign-in/second-factor/help?lang=${lang}">${texts.factorUseNone}</a>`,
  ]
  return html`<details>
    <summary>${way === 'totp' ? texts.factorOtherWays : texts.factorOtherWaysRecovery}</summary>
    <ul class="small">
      ${links.map((link) => link && html`<li>${link}</li>`)}
    </ul>
  </details>`
}

interface ShownTrouble {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly faults: ReturnType<typeof codeFaults>
  readonly note?: Html
}

function showCodeTrouble({ trouble, way }: SecondFactorState, { texts }: Setting): ShownTrouble {
  switch (trouble?.reason) {
    case undefined:
      return { status: 200, faults: [] }
    case 'code_missing':
      return { status: 400, faults: codeFaults(way, trouble, texts) }
    case 'code_wrong':
      return { status: 403, faults: codeFaults(way, trouble, texts) }
    case 'code_used': {
      const duration = sayDuration(texts, trouble.seconds)
      const note = warning(texts.factorUsedTitle, fillText(texts, 'factorUsed', { duration }))
      return { status: 403, faults: [], note }
    }
    case 'throttled': {
      const duration = sayDuration(texts, trouble.seconds)
      const headers = { 'retry-after': String(Math.max(1, Math.ceil(trouble.seconds))) }
      const text = fillText(texts, 'throttled', { duration })
      return { status: 429, headers, faults: [{ id: 'code', text }] }
    }
    case 'flow_too_old':
      return { status: 400, faults: [], note: warning(texts.flowTooOldTitle, texts.lookAgain) }
    case 'other_site':
      return { status: 403, faults: [], note: warning(texts.otherSiteTitle, texts.lookAgain) }
  }
}

/** The end of a second factor that led to no session, and the way on. */
export interface SecondFactorEndState {
  readonly because: 'locked' | 'too_old' | 'no_way'
  readonly returnTo?: string | undefined
}

/** Renders the page of a sign-in that must begin again, or needs help. Pure. */
export function secondFactorEndPage(
  { because, returnTo }: SecondFactorEndState,
  setting: Setting,
): Page {
  const { texts, site } = setting
  const { help } = site.links
  const showsHelp = because === 'no_way' && help !== undefined
  const again = html`<a
    class="${showsHelp ? 'btn' : 'btn first'}"
    href="${signInAddress({ lang: texts.lang, returnTo })}"
    >${because === 'too_old' ? texts.signIn : texts.startAgain}</a
  >`
  const shown = {
    locked: { status: 403, heading: texts.factorLocked, hint: html`${texts.factorLockedHint}` },
    too_old: { status: 400, heading: texts.factorTooOld, hint: html`${texts.factorTooOldHint}` },
    no_way: {
      status: 200,
      heading: texts.factorNoWay,
      hint: fillText(texts, 'factorNoWayHint', { place: site.name }),
    },
  }[because]
  return {
    status: shown.status,
    title: shown.heading,
    panel: askingPanel(setting, undefined),
    answer: html`<h1>${shown.heading}</h1>
      <p>${shown.hint}</p>
      <div class="row">
        ${showsHelp ? html`<a class="btn first" href="${help}">${texts.help}</a>` : undefined}
        ${again}
      </div>`,
  }
}

/** The page after a sign-in with one of the last recovery codes. */
export interface FewCodesState {
  readonly left: number
  readonly returnTo: string
}

/** Renders the offer of new recovery codes. Pure. */
export function fewCodesPage({ left, returnTo }: FewCodesState, setting: Setting): Page {
  const { texts } = setting
  const heading =
    left === 0
      ? html`${texts.factorNoCodes}`
      : left === 1
        ? html`${texts.factorOneCode}`
        : fillText(texts, 'factorFewCodes', { count: String(left) })
  return {
    status: 200,
    title: texts.factorMakeCodes,
    panel: askingPanel(setting, undefined),
    answer: html`<h1>${heading}</h1>
      <p>${texts.factorFewCodesHint}</p>
      <div class="row">
        <a class="btn first" href="/account/security/recovery-codes?lang=${texts.lang}"
          >${texts.factorMakeCodes}</a
        >
        <a class="btn" href="${returnTo}">${texts.factorLater}</a>
      </div>`,
  }
}
