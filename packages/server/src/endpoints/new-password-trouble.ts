import type { NewPasswordTrouble } from '../pages/new-password-parts.ts'
import type { NewPasswordRefusal } from '../users/make-password.ts'

/** The trouble of a form with a new password: a fault of its field, or a full queue. */
export type FormPasswordTrouble =
  | { readonly reason: NewPasswordTrouble }
  | { readonly reason: 'queue_full'; readonly seconds: number }

/** Gives the trouble that a page shows for a refused password. */
export function troubleOfNewPassword(refusal: NewPasswordRefusal): FormPasswordTrouble {
  switch (refusal.reason) {
    case 'password_empty':
      return { reason: 'missing' }
    case 'password_malformed':
    case 'password_too_long':
      return { reason: 'unreadable' }
    case 'password_too_short':
      return { reason: 'too_short' }
    case 'password_of_context':
      return { reason: 'own_name' }
    case 'password_repeats':
      return { reason: 'repeats' }
    case 'password_common':
    case 'password_listed':
      return { reason: 'common' }
    case 'hashing_busy':
      return { reason: 'queue_full', seconds: refusal.retryAfterSeconds }
  }
}
