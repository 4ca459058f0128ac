/** The languages of the pages. */
export const languages = ['en', 'de'] as const

export type Language = (typeof languages)[number]

/** The longest header that is read; beyond it the default answers. */
const acceptLanguageCharsMax = 400

/** The choice of a person (`lang` in the query or the form), and the header `Accept-Language`. */
export interface LanguageWishes {
  readonly lang?: string | undefined
  readonly acceptLanguage?: string | undefined
}

/**
 * Chooses the language of a page: the choice of the person, else the best of the browser, else English.
 * Source: RFC 9110 §12.5.4.
 */
export function chooseLanguage({ lang, acceptLanguage }: LanguageWishes): Language {
  const chosen = languages.find((known) => known === lang)
  if (chosen !== undefined) return chosen
  if (acceptLanguage === undefined || acceptLanguage.length > acceptLanguageCharsMax) return 'en'
  let best: Language = 'en'
  let bestWeight = 0
  for (const range of acceptLanguage.split(',')) {
    const [tag = '', ...parameters] = range.split(';')
    const primary = tag.trim().toLowerCase().split('-')[0]
    const known = languages.find((language) => language === primary)
    const weight = weightOf(parameters)
    if (known !== undefined && weight > bestWeight) {
      best = known
      bestWeight = weight
    }
  }
  return best
}

/** Default: 1. A malformed weight counts as 0. */
function weightOf(parameters: readonly string[]): number {
  const given = parameters.map((one) => one.trim()).find((one) => one.startsWith('q='))
  if (given === undefined) return 1
  const weight = Number(given.slice(2))
  return weight >= 0 && weight <= 1 ? weight : 0
}
