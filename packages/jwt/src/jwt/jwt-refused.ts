import type { Result } from '../result.ts'

/**
 * The thrown form of a refusal, for code that uses `try` and `catch`.
 * Why: its message is the reason alone, so no token or claim reaches a log through it.
 */
export class JwtRefused<R extends { readonly reason: string }> extends Error {
  override readonly name = 'JwtRefused'
  readonly refusal: R

  constructor(refusal: R) {
    super(refusal.reason)
    this.refusal = refusal
  }
}

/**
 * Takes the value out of a result.
 * Throws: `JwtRefused` with the refusal when there is none.
 */
export function unwrap<T, R extends { readonly reason: string }>(result: Result<T, R>): T {
  if (result.ok) return result.value
  throw new JwtRefused(result.refusal)
}
