import { html as honoHtml, raw } from 'hono/html'

/** Text of HTML whose values were escaped. */
export type Html = ReturnType<typeof raw>

type HtmlValue = Html | string | number | undefined | readonly HtmlValue[]

/**
 * Makes HTML of a template. Each value is escaped; HTML of another template stays as it is.
 * Throws: TypeError for a value that would have to be awaited.
 */
export function html(strings: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  const made = honoHtml(strings, ...values)
  if (made instanceof Promise) throw new TypeError('a page has no values to await')
  return made
}

/** Passes text of our own source on as HTML. Never for a value from outside. */
export const trustedHtml: (text: string) => Html = raw

/** An attribute that is there or not. */
export function attributeIf(isSet: boolean, name: 'hidden' | 'checked'): Html {
  return raw(isSet ? name : '')
}
