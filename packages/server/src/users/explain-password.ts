import type { PieceKind } from './common-pieces.ts'
import type { WeakPassword } from './password-rules.ts'
import type { UnreadablePassword } from './read-password.ts'

/** Says to the person why a password is refused, and how to choose another. It never repeats the password. */
export function explainPassword(refusal: WeakPassword | UnreadablePassword): string {
  switch (refusal.reason) {
    case 'password_empty':
      return 'The password is empty.'
    case 'password_malformed':
      return 'The password holds a letter that no keyboard sends: type it again.'
    case 'password_too_long':
      return `The password is longer than ${refusal.bytesMax} bytes: choose a shorter one.`
    case 'password_too_short':
      return `The password has ${refusal.length} letters: choose one with ${refusal.lengthMin} or more. ${advice}`
    case 'password_repeats':
      return `The password repeats ${refusal.unitLength === 1 ? 'one letter' : `the same ${refusal.unitLength} letters`}. ${advice}`
    case 'password_common':
    case 'password_of_context':
      return `The password consists of ${nameKinds(refusal.pieces)}, which is easy to guess. ${advice}`
    case 'password_listed':
      return refusal.by === 'operator'
        ? `The password is in a list of passwords that this service does not accept. ${advice}`
        : `The password is in a public list of secrets. ${advice}`
  }
}

const advice = 'A few words that nobody would join work well.'

const kindNames: Readonly<Record<PieceKind, string>> = {
  word: 'common words',
  run: 'letters or digits in a row',
  keyboard: 'neighbours on the keyboard',
  digits: 'a number',
  service: 'the name of this service',
  user: 'your own name',
  domain: 'the domain of your address',
}

function nameKinds(pieces: readonly PieceKind[]): string {
  const names = [...new Set(pieces)].map((kind) => kindNames[kind])
  const last = names.pop() ?? ''
  return names.length === 0 ? last : `${names.join(', ')} and ${last}`
}
