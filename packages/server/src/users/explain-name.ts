import type { NameRefusal } from './folded-name.ts'

/** Says why a text is no name of a user. It repeats no letter that a terminal or a page could take for its own. */
export function explainName(refusal: NameRefusal): string {
  switch (refusal.reason) {
    case 'name_empty':
      return 'A name has at least one letter.'
    case 'name_too_long':
      return `A name has ${refusal.max} ${refusal.unit} at most.`
    case 'name_sign':
      return `A name may not hold U+${refusal.codePoint.toString(16).toUpperCase().padStart(4, '0')} at place ${refusal.at + 1}.`
    case 'name_direction':
      return 'A name that mixes writing directions reads differently in other places: use one.'
    case 'address_malformed':
      return `A mail address looks like ann@example.org; the ${refusal.part} of this one is wrong.`
  }
}
