import { expect, test, vi } from 'vitest'
import { createPages, type Pages } from './create-pages.ts'
import { keepPageAtRest } from './keep-page-at-rest.ts'
import type { SignInState } from './sign-in-page.ts'

const site = { name: 'Shop', origin: 'https://shop.test', links: { signUp: '/sign-up' } }
/** Every state has its own value, so that no page is that of another browser. */
const states: readonly { readonly name: string; readonly state: SignInState }[] = [
  { name: 'the page of one browser', state: { formValue: 'AAAAAAAA' } },
  { name: 'the page of another browser', state: { formValue: 'BBBB_-BB' } },
  { name: 'a page with passkeys', state: { formValue: 'CCCCCCCC', takesPasskeys: true } },
  { name: 'a page with a return target', state: { formValue: 'DDDDDDDD', returnTo: '/orders' } },
  { name: 'a page with a typed name', state: { formValue: 'EEEEEEEE', username: '"ann"' } },
  { name: 'a page with a tick', state: { formValue: 'FFFFFFFF', keep: true } },
  { name: 'a value that must be escaped', state: { formValue: '"><script>' } },
  {
    name: 'a page with trouble',
    state: { formValue: 'GGGGGGGG', trouble: { reason: 'not_proven' } },
  },
]

test.each(states)('$name is the page that a fresh renderer gives', ({ state }) => {
  const used = createPages({ site })
  for (const each of states) for (const lang of ['en', 'de']) used.signIn(each.state, lang)
  for (const lang of ['en', 'de']) {
    // The value of a state before this one would be seen here.
    const marked = { ...state, keep: state.keep ?? false, keepSeconds: 30 * 86_400 }
    expect(used.signIn(state, lang)).toEqual(createPages({ site }).signIn(marked, lang))
  }
})

test('renders a page at rest once for each language', () => {
  const render = vi.fn<Pages['signIn']>(createPages({ site }).signIn)
  const signIn = keepPageAtRest(render, ['en', 'de'])
  for (const formValue of ['AAAAAAAA', 'BBBBBBBB'])
    for (const lang of ['en', 'de', 'en']) signIn({ formValue }, lang)
  expect(render).toHaveBeenCalledTimes(2)
})
