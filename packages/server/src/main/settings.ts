import type { SignUpRule } from '../config/sign-up-rule.ts'
import type { EdgeOptions } from '../http/edge.ts'
import type { listen } from '../http/listen.ts'
import type { StoreDeps } from '../store/port/deps.ts'
import type { AddClaims } from '../tokens/plan.ts'
import type { MailOptions } from './mail-options.ts'
import type { DemoSettings } from './demo-settings.ts'
import type { PageSettings } from './page-settings.ts'
import type { OauthSettings } from './services.ts'

/** The settings of the service. */
export interface ServiceSettings {
  /** The issuer in its tokens, a URL. */
  readonly issuer: string
  /** A path of a SQLite file, or the `postgres://…` address of a Postgres database. */
  readonly database: string
  readonly storeOptions?: Pick<StoreDeps, 'migrate' | 'listenUrl' | 'poolMax'>
  /** The key-encryption key. */
  readonly sealingKey: Uint8Array
  readonly listen: Parameters<typeof listen>[1]
  readonly edge: Pick<EdgeOptions, 'hosts' | 'proxies' | 'limits' | 'finish'>
  readonly oauth: OauthSettings
  /** Origins whose pages may call the token and revocation endpoints. */
  readonly corsOrigins?: readonly string[]
  /** `closed`: only clients with a scope may follow the revocations. Default: `open`. */
  readonly feed?: 'open' | 'closed'
  /** The client that users sign in to with `POST /login`. Default: no user can. */
  readonly loginClientId?: string
  /** A shorter password must change at the next sign-in. Default: 15. Units: code points. */
  readonly passwordLengthMin?: number
  /** Folded passwords that nobody may choose, next to the common ones. Default: none. */
  readonly refusedPasswords?: ReadonlySet<string>
  /** The resource whose access tokens browser sessions carry. Default: no browser can sign in. */
  readonly sessionAudience?: string
  /** The people who may make an account on the pages. Default: nobody. */
  readonly signUp?: SignUpRule
  /** The name and the theme of the pages. Default: the host of the issuer, and our colours. */
  readonly pages?: PageSettings
  /** Default: no mail leaves. */
  readonly mail?: MailOptions
  /** Set in `countersign dev` only: the demo client and the demo user. */
  readonly demo?: DemoSettings
  readonly addClaims?: AddClaims
}

/** The functions that close the parts opened so far; they run in reverse order. */
export type Closers = (() => Promise<void> | void)[]
