import type { ForeignHashRefusal } from './foreign-hash.ts'

/** Says why a hash of another product is not imported. It repeats no part of the hash. */
export function explainHash(refusal: ForeignHashRefusal): string {
  switch (refusal.reason) {
    case 'hash_unknown':
      return 'The hash has a form that is not supported: use bcrypt, argon2, scrypt or PBKDF2.'
    case 'hash_malformed':
      return `The hash begins like ${refusal.scheme} and is not well-formed.`
    case 'hash_too_costly':
      return `The hash costs too much to verify: ${refusal.scheme} may have ${refusal.costMax} at most.`
  }
}
