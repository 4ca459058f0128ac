/** The value of the forms below the heading of an account page. The form above it signs out. */
export function formBelow(text: string): string {
  const begin = 'name="form" value="'
  const at = text.indexOf(begin, text.indexOf('<main'))
  if (at === -1) throw new Error('the page has no form')
  return text.slice(at + begin.length, text.indexOf('"', at + begin.length))
}
