import type { HttpReply } from '../http/exchange.ts'
import type { SignInState } from './sign-in-page.ts'

type RenderSignIn = (state: SignInState, lang: string) => HttpReply

/** Cannot occur in a page by itself, and escaping leaves it as it is. */
const placeholder = 'the-value-of-this-form-0b7Qm3xVd91sYtLrKe2wZg'

/**
 * Renders the sign-in page without trouble once for each language, and puts the value of the form in later.
 * Why: each new browser opens this page, and only that value differs.
 */
export function keepPageAtRest(render: RenderSignIn, languages: readonly string[]): RenderSignIn {
  const kept = new Map<string, KeptPage>()
  return (state, lang) => {
    if (!isAtRest(state) || !languages.includes(lang)) return render(state, lang)
    const key = `${lang} ${state.takesPasskeys === true}`
    let page = kept.get(key)
    if (page === undefined) {
      const reply = render({ ...state, formValue: placeholder }, lang)
      page = { reply, parts: String(reply.body).split(placeholder) }
      kept.set(key, page)
    }
    return { ...page.reply, body: page.parts.join(state.formValue) }
  }
}

interface KeptPage {
  readonly reply: HttpReply
  /** The text around each place of the value. */
  readonly parts: readonly string[]
}

/** Whether only the value of the form depends on the browser. A value with other letters has to be escaped. */
function isAtRest(state: SignInState): boolean {
  return (
    state.trouble === undefined &&
    state.returnTo === undefined &&
    state.place === undefined &&
    state.username === undefined &&
    state.keepSeconds === undefined &&
    state.keep !== true &&
    isBase64url(state.formValue)
  )
}

function isBase64url(text: string): boolean {
  return Buffer.from(text, 'base64url').toString('base64url') === text
}
