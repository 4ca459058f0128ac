/** The things of the pages that an operator sets. */
export interface PageSettings {
  readonly name?: string | undefined
  /** As `readTheme` returns it. */
  readonly theme?: string | undefined
}
