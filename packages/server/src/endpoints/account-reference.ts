import { pageAnswers } from './page-answers.ts'
import type { Answer, Parameter } from './reference.ts'

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
