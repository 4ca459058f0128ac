import type { englishWelcome } from '../english/welcome.ts'
import type { Translation } from '../texts.ts'

/** The texts of the welcome page and of the inbox of `dev`. */
export const germanWelcome: Translation<typeof englishWelcome> = {
  inbox: 'Posteingang',
}
