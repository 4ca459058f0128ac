import type { HttpReply } from '../http/exchange.ts'
import type { Html } from './html.ts'
import type { Catalogue } from './texts.ts'

/** The facts of the service that its pages show. Operators set them. */
export interface Site {
  /** The name at the top of each page. */
  readonly name: string
  /** The origin that the address bar shows. */
  readonly origin: string
  /** Pages of the operator or of the service. One that is absent has no link. */
  readonly links: SiteLinks
}

export interface SiteLinks {
  readonly reset?: string
  readonly signUp?: string
  readonly privacy?: string
  readonly help?: string
  /** The mail of `dev`. */
  readonly inbox?: string
}

/** The place that a person goes to: an app, or the service itself. */
export interface Place {
  readonly name: string
  readonly host: string
}

/** The facts of each page. */
interface PageFacts {
  readonly status: number
  readonly headers?: HttpReply['headers']
  readonly title: string
  /** Whether the title begins with "Error:". */
  readonly isError?: boolean
  /** Whether the address of the page may hold a secret, such as a ticket. Then it sends no referrer. Default: false. */
  readonly hasSecretAddress?: boolean
  /** Whether the page has a form of passkeys, or a message about them for the browser. Default: false. */
  readonly usesPasskeys?: boolean
  /** The addresses of this page in other languages. Default: none. */
  readonly inLanguage?: (lang: string) => string
  /** The origin of another site that a form of the page may lead to. Default: none. */
  readonly formTarget?: string
}

/** A page of two parts: the place that asks, and the answer. */
export interface Page extends PageFacts {
  readonly panel: Panel
  readonly answer: Html
}

/** A page that fills the width. It has the element `main#main` and a style of its own next to the common one. */
export interface WidePage extends PageFacts {
  /** Default: that of the account pages. */
  readonly style?: WideStyle
  /** The end of the top line. */
  readonly top: Html
  readonly content: Html
}

export type WideStyle = 'account' | 'welcome'

/** The part that says where a person is. */
export interface Panel {
  readonly name: string
  readonly label: string
  readonly place: Place
  readonly aside: Html
}

/** The things that each renderer reads next to its state. */
export interface Setting {
  readonly site: Site
  readonly texts: Catalogue
}
