import type { EpochSeconds } from '@countersign/jwt'
import { html, type Html } from './html.ts'
import type { Setting, WidePage } from './page.ts'
import { fillText, sayMoment, type Catalogue } from './texts.ts'

/** One mail, as the list shows it. */
export interface InboxEntry {
  readonly id: string
  readonly to: string
  readonly subject: string
  readonly arrivedAt: EpochSeconds
}

/** The mail of a service in development. */
export interface InboxState {
  /** The newest first. */
  readonly mails: readonly InboxEntry[]
}

/** One mail, whole. */
export interface InboxMailState extends InboxEntry {
  readonly text: string
}

const inboxPath = '/inbox'

/** Renders the list of mails that stayed on this machine. Pure. */
export function inboxPage({ mails }: InboxState, { texts }: Setting): WidePage {
  const list =
    mails.length === 0
      ? html`<p class="card empty">${texts.inboxEmpty}</p>`
      : html`<ul class="mails card">
          ${mails.map((mail) => html`<li>${mailRow(mail, texts)}</li>`)}
        </ul>`
  return {
    ...frameOf(texts, (lang) => `${inboxPath}?lang=${lang}`),
    title: texts.inbox,
    content: html`<main id="main" class="hello">
      <header>
        <h1>${texts.inbox}</h1>
        <p>${texts.welcomeInboxHint}</p>
      </header>
      ${list}
    </main>`,
  }
}

/** Renders one mail: its text with links, and the way to its HTML. Pure. */
export function inboxMailPage(mail: InboxMailState, { site, texts }: Setting): WidePage {
  const { id, subject, to, arrivedAt, text } = mail
  const query = (lang: string) => `?mail=${encodeURIComponent(id)}&lang=${lang}`
  return {
    ...frameOf(texts, (lang) => inboxPath + query(lang)),
    title: subject,
    content: html`<main id="main" class="hello">
      <header>
        <p><a href="${inboxPath}?lang=${texts.lang}">${texts.inboxBack}</a></p>
        <h1>${subject}</h1>
        <p>${fillText(texts, 'inboxTo', { to })} ${timeOf(arrivedAt, texts)}</p>
      </header>
      <div class="mail card" dir="auto">${withLinks(text, site.origin)}</div>
      <p><a class="btn" href="${inboxPath}/html${query(texts.lang)}">${texts.inboxAsHtml}</a></p>
    </main>`,
  }
}

function frameOf(texts: Catalogue, inLanguage: (lang: string) => string) {
  return {
    status: 200,
    style: 'welcome',
    inLanguage,
    // Its mail holds codes and links, and its address names it.
    hasSecretAddress: true,
    top: html`<nav class="small" aria-label="${texts.welcomeTitle}">
      <a href="/?lang=${texts.lang}">${texts.welcomeTitle}</a>
    </nav>`,
  } as const
}

function mailRow({ id, to, subject, arrivedAt }: InboxEntry, texts: Catalogue): Html {
  const address = `${inboxPath}?mail=${encodeURIComponent(id)}&lang=${texts.lang}`
  return html`<a href="${address}">${subject}</a>
    <span class="dim"><bdi>${to}</bdi></span>
    <span class="dim">${timeOf(arrivedAt, texts)}</span>`
}

function timeOf(moment: EpochSeconds, texts: Catalogue): Html {
  const iso = new Date(moment * 1000).toISOString()
  return html`<time datetime="${iso}">${sayMoment(texts, moment)}</time>`
}

/** The text of a mail, whose addresses of this service are links. */
function withLinks(text: string, origin: string): Html {
  const paragraphs = text.trim().split('\n\n')
  return html`${paragraphs.map(
    (paragraph) =>
      html`<p>${paragraph.split('\n').map((line) => html`${wordsOf(line, origin)}<br />`)}</p>`,
  )}`
}

function wordsOf(line: string, origin: string): Html {
  return html`${line
    .split(' ')
    .map((word) =>
      word.startsWith(`${origin}/`) ? html`<a href="${word}">${word}</a> ` : html`${word} `,
    )}`
}
