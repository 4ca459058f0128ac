import type { HttpReply } from '../http/exchange.ts'
import { html, trustedHtml, type Html } from './html.ts'
import type { Page, Setting, WidePage } from './page.ts'
import { allowFormTarget, type PagePolicy } from './policy.ts'
import { fillPlainText, type Catalogue } from './texts.ts'

/** The parts that are the same on each page of one kind. */
export interface Frame {
  readonly style: string
  readonly script: string
  readonly policy: PagePolicy
  /** All languages that can be chosen. */
  readonly catalogues: readonly Catalogue[]
}

/** Puts a page into the frame of its kind. Pure. */
export function framePage(
  frame: Frame,
  { site, texts }: Setting,
  page: Page | WidePage,
): HttpReply {
  const languages = languageLinks(frame, texts, page)
  const isWide = 'content' in page
  const title = page.isError
    ? fillPlainText(texts, 'errorTitle', { title: page.title })
    : page.title
  const body = html`<!doctype html>
    <html lang="${texts.lang}" dir="${texts.dir}">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${title} – ${site.name}</title>
        ${trustedHtml(`<style>${frame.style}</style>`)}
      </head>
      <body>
        <a class="skip" href="#main">${texts.skip}</a>
        <header class="top">
          <span class="brand">${mark} <bdi>${site.name}</bdi></span>
          ${isWide ? page.top : languages}
        </header>
        ${isWide ? page.content : pairOf(page)}
        <footer class="foot">
          <span>${texts.securedBy}</span>
          ${footLink(site.links.privacy, texts.privacy)} ${footLink(site.links.help, texts.help)}
          ${footLink(site.links.inbox, texts.inbox)} ${isWide ? languages : undefined}
        </footer>
        ${trustedHtml(`<script>${frame.script}</script>`)}
      </body>
    </html> `
  return {
    status: page.status,
    headers: {
      ...allowFormTarget(frame.policy, page.formTarget),
      ...(page.hasSecretAddress === true ? { 'referrer-policy': 'no-referrer' } : {}),
      'content-language': texts.lang,
      ...page.headers,
    },
    body: body.toString(),
  }
}

/** The two parts that meet at a cut edge. */
function pairOf({ panel, answer }: Page): Html {
  return html`<main id="main">
    <div class="pair">
      <aside class="panel" aria-label="${panel.label}">
        <p>${panel.name}</p>
        <p class="place"><bdi>${panel.place.name}</bdi></p>
        ${panel.place.host === panel.place.name ? undefined : html`<p class="host"><bdi>${panel.place.host}</bdi></p>`}
        <p class="aside">${panel.aside}</p>
      </aside>
      <div class="answer">${answer}</div>
    </div>
  </main>`
}

function languageLinks(
  frame: Frame,
  texts: Catalogue,
  { inLanguage }: Page | WidePage,
): Html | undefined {
  if (inLanguage === undefined) return undefined
  const others = frame.catalogues.filter(({ lang }) => lang !== texts.lang)
  return html`<nav class="small" aria-label="${texts.languages}">
    ${others.map(
      ({ lang, languageName }) =>
        html`<a href="${inLanguage(lang)}" hreflang="${lang}" lang="${lang}">${languageName}</a>`,
    )}
  </nav>`
}

function footLink(address: string | undefined, text: string): Html | undefined {
  return address === undefined ? undefined : html`<a href="${address}">${text}</a>`
}

/** Two halves that fit each other. */
const mark = trustedHtml(
  '<svg viewBox="0 0 24 24" aria-hidden="true"><path fill="currentColor" d="M5 2h6L8.2 7l2.8 5-2.8 5 2.8 5H5a3 3 0 0 1-3-3V5a3 3 0 0 1 3-3z"/><path fill="currentColor" fill-opacity=".45" d="M14.4 2H19a3 3 0 0 1 3 3v14a3 3 0 0 1-3 3h-4.6l-2.8-5 2.8-5-2.8-5z"/></svg>',
)
