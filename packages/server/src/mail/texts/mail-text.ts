/** The parts of one mail. `{…}` is a value. */
export interface MailText {
  readonly subject: string
  /** The first line. A code stands in it. */
  readonly heading: string
  /** Paragraphs between the heading and the link. */
  readonly lines: readonly string[]
  /** The sentence before the link, and the words on its button. Absent in a mail without a link. */
  readonly action?: { readonly lead: string; readonly button: string }
  /** Paragraphs after the link. */
  readonly notes: readonly string[]
}

/** The texts that all mails share. */
export interface MailFrameText {
  readonly sentBy: string
  readonly noPassword: string
}
