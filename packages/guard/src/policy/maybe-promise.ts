/** A value, or a promise of it if something must be fetched first. */
export type MaybePromise<T> = T | Promise<T>

/** Continues with a value, at once if it is no promise. Why: a hot request makes no promise. */
export function after<T, U>(
  value: MaybePromise<T>,
  continueWith: (value: T) => MaybePromise<U>,
): MaybePromise<U> {
  return value instanceof Promise
    ? value.then((settled) => continueWith(settled))
    : continueWith(value)
}
