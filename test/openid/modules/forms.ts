import type { Browser, Page } from '../../sessions/browser.ts'

/** A form of a page, with the fields that the page filled in. */
export interface PageForm {
  readonly action: string
  readonly fields: Readonly<Record<string, string>>
  /** The names of the fields that a person sees. */
  readonly visible: readonly string[]
}

/** Reads the forms of a page as a browser without script does. */
export function formsOf({ text }: Pick<Page, 'text'>): readonly PageForm[] {
  return text
    .split('<form ')
    .slice(1)
    .map((part) => readForm(part.slice(0, part.indexOf('</form>'))))
}

function readForm(text: string): PageForm {
  const end = text.indexOf('>')
  const inputs = text
    .slice(end)
    .split('<input')
    .slice(1)
    .map((part) => part.slice(0, part.indexOf('>')))
  const names = inputs.map((input) => attribute(input, 'name'))
  const isHidden = inputs.map((input) => attribute(input, 'type') === 'hidden')
  const filled = inputs.map((input, at) => [names[at] ?? '', attribute(input, 'value')] as const)
  return {
    action: attribute(text.slice(0, end), 'action'),
    fields: Object.fromEntries(filled.filter(([name], at) => name !== '' && isHidden[at])),
    visible: names.filter((name, at) => name !== '' && isHidden[at] === false),
  }
}

function attribute(tag: string, name: string): string {
  const begin = `${name}="`
  const at = tag.search(new RegExp(`(?:^|\\s)${begin}`, 'u'))
  if (at === -1) return ''
  const start = tag.indexOf(begin, at) + begin.length
  const value = tag.slice(start, tag.indexOf('"', start))
  return value
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')
}

/** Sends the form of a page that has this field, with further values. */
export function sendForm(
  browser: Browser,
  page: Page,
  field: string,
  values: Readonly<Record<string, string>>,
): Promise<Page> {
  const form = formsOf(page).find(
    ({ fields, visible }) => field in fields || visible.includes(field),
  )
  if (form === undefined) throw new Error(`the page has no form with the field ${field}`)
  return browser.post(form.action, { ...form.fields, ...values })
}
