import type { HttpReply } from '../../packages/server/src/http/exchange.ts'
import type { Pages } from '../../packages/server/src/pages/create-pages.ts'

/** One page in one state. */
export interface PageRow {
  /** Also the name of its picture. */
  readonly name: string
  readonly status: number
  /** The title in English, without the name of the service. */
  readonly title: string
  /** Texts that the English page shows. */
  readonly shows: readonly string[]
  readonly render: (pages: Pages, lang: string) => HttpReply
}
