import type { MailLanguage } from './mail-templates.ts'

/** A mail with all values filled in, for both forms. */
export interface FilledMail {
  readonly lang: MailLanguage
  readonly site: string
  readonly subject: string
  readonly heading: string
  readonly code: string | undefined
  readonly lines: readonly string[]
  readonly action:
    | { readonly lead: string; readonly button: string; readonly address: string }
    | undefined
  readonly notes: readonly string[]
  readonly foot: readonly string[]
}
