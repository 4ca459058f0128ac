import type { HttpRequest } from '../http/exchange.ts'
import type { Language } from '../pages/language.ts'
import type { Visitor } from './visitor.ts'

/** The request that ends a sign-in, and the wishes of its form. */
export interface SignInEnd {
  readonly request: HttpRequest
  readonly visitor: Visitor
  readonly lang: Language
  readonly returnTo: string | undefined
  /** Whether the session outlives the browser's own session. */
  readonly isPersistent: boolean
  /** Whether the browser said that it can make passkeys. Then a page about them may come next. Default: false. */
  readonly knowsPasskeys?: boolean
}
