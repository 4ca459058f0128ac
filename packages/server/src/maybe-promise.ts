/** A value, or a promise of it where something has to be awaited. */
export type MaybePromise<T> = T | Promise<T>

/** Continues with a value, at once when it is there. Why: the plain path makes no promise. */
export function after<T, U>(
  value: MaybePromise<T>,
  continueWith: (value: T) => MaybePromise<U>,
): MaybePromise<U> {
  return value instanceof Promise
    ? value.then((settled) => continueWith(settled))
    : continueWith(value)
}
