import { html, trustedHtml, type Html } from './html.ts'
import type { Catalogue } from './texts.ts'

/** One card of an account page. */
export interface Card {
  readonly id: string
  readonly heading: string
  readonly hint?: Html | string | undefined
  /** A link or a form at the end of the heading. */
  readonly act?: Html | undefined
  readonly body: Html
}

/** A framed part of an account page with a heading of its own. */
export function card({ id, heading, hint, act, body }: Card): Html {
  return html`<section class="card" id="${id}" aria-labelledby="${id}-heading">
    <header>
      <h2 id="${id}-heading">${heading}</h2>
      ${act} ${hint === undefined ? undefined : html`<p>${hint}</p>`}
    </header>
    ${body}
  </section>`
}

/** One row of a card: a device, a passkey, an address. */
export interface Thing {
  readonly icon: IconName
  readonly name: Html | string
  readonly mark?: { readonly text: Html | string; readonly kind?: 'good' | 'warn' | 'accent' }
  readonly meta: Html | string
  /** Links and forms. */
  readonly acts?: readonly Html[]
}

/** The rows of a card. */
export function things(rows: readonly Thing[]): Html {
  return html`<ul class="things">
    ${rows.map(thing)}
  </ul>`
}

function thing({ icon, name, mark, meta, acts = [] }: Thing): Html {
  const marked =
    mark &&
    html`<span class="${mark.kind === undefined ? 'mark' : `mark ${mark.kind}`}"
      >${mark.text}</span
    >`
  return html`<li>
    ${icons[icon]}
    <div>
      <p class="name"><bdi>${name}</bdi> ${marked}</p>
      <p class="meta">${meta}</p>
    </div>
    ${acts.length === 0 ? undefined : html`<div class="acts">${acts}</div>`}
  </li>`
}

/** An act in a row. `label` says it in full for readers who hear the page; it contains `text`. */
export interface QuietAct {
  readonly address: string
  readonly text: string
  readonly label: string
  /** Whether it ends something. Default: false. */
  readonly ends?: true
}

/** A link that looks like a quiet button. */
export function quietLink(act: QuietAct): Html {
  return html`<a class="${quietStyle(act)}" href="${act.address}" aria-label="${act.label}"
    >${act.text}</a
  >`
}

function quietStyle({ ends }: Pick<QuietAct, 'ends'>): string {
  return ends === true ? 'btn quiet ends' : 'btn quiet'
}

/** The facts of a form of an account page: its address, the value of the session, further hidden fields. */
export interface AccountFormFacts {
  readonly action: `/account/${string}`
  readonly formValue: string
  readonly fields?: Readonly<Record<string, string>> | undefined
}

/** A form of an account page around its visible parts. */
export function accountForm(facts: AccountFormFacts, { lang }: Catalogue, parts: Html): Html {
  const hidden = { form: facts.formValue, lang, ...facts.fields }
  return html`<form method="post" action="${facts.action}">
    ${Object.entries(hidden).map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}" />`)}
    ${parts}
  </form>`
}

/** A form of one quiet button, for an act in a row. */
export function quietForm(
  facts: AccountFormFacts & Omit<QuietAct, 'address'>,
  texts: Catalogue,
): Html {
  return accountForm(
    facts,
    texts,
    html`<button class="${quietStyle(facts)}" aria-label="${facts.label}">${facts.text}</button>`,
  )
}

/** A notice at the top of an account page. */
export function note(
  kind: 'plain' | 'good' | 'warn',
  title: Html | string,
  text?: Html | string,
): Html {
  const style = kind === 'plain' ? 'note' : `note ${kind}`
  return html`<div class="${style}" role="status"><b>${title}</b>${text}</div>`
}

const drawn = (shapes: string): Html =>
  trustedHtml(
    `<svg width="24" height="24" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">${shapes}</svg>`,
  )

/** The pictures of rows. */
const icons = {
  phone: drawn('<rect x="7" y="3" width="10" height="18" rx="2.5"/><path d="M11 18h2"/>'),
  computer: drawn('<rect x="5" y="5" width="14" height="10" rx="1.5"/><path d="M3 19h18"/>'),
  key: drawn(
    '<rect x="8" y="8" width="8" height="13" rx="2"/><path d="M10 8V3h4v5"/><circle cx="12" cy="15" r="1.5"/>',
  ),
  password: drawn(
    '<rect x="3" y="7" width="18" height="10" rx="2.5"/><path stroke-width="2.5" d="M7.5 12h.01M12 12h.01M16.5 12h.01"/>',
  ),
  clock: drawn('<circle cx="12" cy="12" r="8.5"/><path d="M12 7.5V12l3 2"/>'),
  list: drawn(
    '<rect x="5" y="3.5" width="14" height="17" rx="2"/><path d="M9 8h6M9 12h6M9 16h3"/>',
  ),
  mail: drawn(
    '<rect x="3" y="5.5" width="18" height="13" rx="2"/><path d="M3.5 7l8.5 6.5L20.5 7"/>',
  ),
  app: drawn('<rect x="4" y="4" width="16" height="16" rx="3"/><path d="M4 9h16"/>'),
  person: drawn('<circle cx="12" cy="8" r="4"/><path d="M4.5 20a7.5 7.5 0 0 1 15 0"/>'),
} as const

export type IconName = keyof typeof icons
