import type { NewPasswordTrouble } from '../pages/new-password-parts.ts'
import type { FormTrouble } from '../pages/form-fields.ts'
import type { NewPasswordRefusal } from '../users/make-password.ts'

/** How long a person may take to choose a password after a proof. Units: seconds. */
export const passwordStepSeconds = 3_600

/** How long a person may take to choose another password at a sign-in. Units: seconds. */
export const passwordChangeSeconds = 600

/** Gives the trouble for the page of a password that was refused. */
export function troubleOfNewPassword(
  refusal: NewPasswordRefusal,
): NewPasswordTrouble | FormTrouble {
  switch (refusal.reason) {
    case 'password_empty':
      return 'missing'
    case 'password_malformed':
    case 'password_too_long':
      return 'unreadable'
    case 'password_too_short':
      return 'too_short'
    case 'password_repeats':
      return 'repeats'
    case 'password_of_context':
      return 'own_name'
    case 'password_common':
    case 'password_listed':
      return 'common'
    case 'hashing_busy':
      return { reason: 'queue_full', seconds: refusal.retryAfterSeconds }
  }
}
