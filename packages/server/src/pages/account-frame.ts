import type { EpochSeconds } from '@countersign/jwt'
import { accountAddress } from './account-address.ts'
import { html, type Html } from './html.ts'
import { fillText, sayDay, type Catalogue, type PlainKey } from './texts.ts'
import type { Setting, WidePage } from './page.ts'

/** The person whose account is shown. */
export interface AccountVisitor {
  /** The name of the account. */
  readonly who: string
  /** The value of the form that signs out. */
  readonly signOutValue: string
  /** The moment of a deletion that waits. */
  readonly eraseAt?: EpochSeconds | undefined
}

/** One place of the account, in the order of the navigation. */
export type AccountPlace = 'security' | 'devices' | 'addresses' | 'apps' | 'data'

/** The parts of one account page. */
export interface AccountParts {
  /** The place that the navigation marks. */
  readonly place: AccountPlace
  /** The heading of the page, and the begin of its title. */
  readonly heading: string
  /** The path of the page where a GET shows it, for links to other languages. */
  readonly path?: string | undefined
  /** Default: 200. */
  readonly status?: number
  readonly headers?: WidePage['headers']
  readonly isError?: boolean
  readonly content: Html
}

const places: readonly { readonly place: AccountPlace; readonly text: PlainKey }[] = [
  { place: 'security', text: 'accountSecurity' },
  { place: 'devices', text: 'accountDevices' },
  { place: 'addresses', text: 'accountAddresses' },
  { place: 'apps', text: 'accountApps' },
  { place: 'data', text: 'accountData' },
]

/** Puts the content of an account page next to the navigation. The content has the heading. Pure. */
export function accountPage(
  parts: AccountParts,
  visitor: AccountVisitor,
  { texts }: Setting,
): WidePage {
  const { path, heading } = parts
  return {
    status: parts.status ?? 200,
    title: `${heading} – ${texts.account}`,
    ...(parts.headers === undefined ? {} : { headers: parts.headers }),
    ...(parts.isError === undefined ? {} : { isError: parts.isError }),
    ...(path === undefined ? {} : { inLanguage: (lang: string) => accountAddress(path, lang) }),
    top: html`<form method="post" action="/sign-out">
      <input type="hidden" name="form" value="${visitor.signOutValue}" />
      <input type="hidden" name="lang" value="${texts.lang}" />
      <span class="small dim who"><bdi>${visitor.who}</bdi></span>
      <button class="btn slim">${texts.signOut}</button>
    </form>`,
    content: html`<div class="account">
      <nav aria-label="${texts.account}">
        <ul>
          ${places.map(({ place, text }) => html`<li>${placeLink(place, texts[text], parts.place, texts.lang)}</li>`)}
        </ul>
      </nav>
      <main id="main">${deletionNote(visitor, texts)} ${parts.content}</main>
    </div>`,
  }
}

function placeLink(place: AccountPlace, text: string, current: AccountPlace, lang: string): Html {
  const address = accountAddress(`/account/${place}`, lang)
  return place === current
    ? html`<a href="${address}" aria-current="page">${text}</a>`
    : html`<a href="${address}">${text}</a>`
}

/** The note of each page of an account whose deletion waits. */
function deletionNote({ eraseAt }: AccountVisitor, texts: Catalogue): Html | undefined {
  if (eraseAt === undefined) return undefined
  return html`<div class="note warn">
    <b>${fillText(texts, 'accountDeletedOn', { day: sayDay(texts, eraseAt) })}</b>
    <a href="${accountAddress('/account/data/deletion', texts.lang)}">${texts.accountKeep}</a>
  </div>`
}
