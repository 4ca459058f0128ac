/** A value now, or later where something has to be fetched. */
export type Soon<T> = T | Promise<T>

/** Goes on with a value, at once when it is there. Why: no promise is made where none is needed. */
export function after<T, U>(value: Soon<T>, goOn: (value: T) => Soon<U>): Soon<U> {
  return value instanceof Promise ? value.then((settled) => goOn(settled)) : goOn(value)
}
