/**
 * What a requester or a peer may get: a value, or a refusal that says why not.
 * Why: a refusal is ordinary and typed; a fault (our bug, our config) is thrown instead.
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
