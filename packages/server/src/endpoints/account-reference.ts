import { pageAnswers } from './page-answers.ts'
import type { Field } from '../http/field.ts'
import type { Answer, Parameter, RequestBody } from './reference.ts'

export const languageParameter: Parameter = {
  name: 'lang',
  about: 'The language of the page.',
  values: ['en', 'de'],
  in: 'query',
}

/** The answers of a page of the account, and further ones. */
export function accountAnswers(more: readonly Answer[] = []): readonly Answer[] {
  return [
    ...pageAnswers([[200, 'The page.']]),
    {
      status: 303,
      about: 'Nobody is signed in: the sign-in page leads back here.',
      headers: ['Location', 'Set-Cookie'],
    },
    ...more,
  ]
}

/** The body of a form of an account page. */
export function accountFormFields(more: readonly Field[]): RequestBody {
  const form = {
    name: 'form',
    about: 'The value of the page, bound to its session.',
    isRequired: true,
  } as const
  const lang = { name: 'lang', about: 'The language of the page.', values: ['en', 'de'] } as const
  return {
    mediaType: 'application/x-www-form-urlencoded',
    kinds: [{ fields: [form, ...more, lang] }],
  }
}
