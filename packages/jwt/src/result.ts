/**
 * A value, or a refusal with its reason.
 * Why: a requester or a peer can cause a refusal, so it is typed. A fault (our bug, our configuration)
 * is thrown.
 */
export type Result<T, R> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly refusal: R }

/** Wraps a value as an accepted result. */
export function ok<T>(value: T): { readonly ok: true; readonly value: T } {
  return { ok: true, value }
}

/** Wraps a refusal, keyed by its `reason`. */
export function refuse<const R>(refusal: R): { readonly ok: false; readonly refusal: R } {
  return { ok: false, refusal }
}
