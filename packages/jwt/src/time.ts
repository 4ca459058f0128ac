declare const epochSeconds: unique symbol
declare const seconds: unique symbol

/** A moment, in whole or fractional seconds since 1970-01-01T00:00:00Z (RFC 7519 §2, NumericDate). */
export type EpochSeconds = number & { readonly [epochSeconds]: true }

/** A length of time in seconds. */
export type Seconds = number & { readonly [seconds]: true }

/** The largest leeway that a verifier may be given. Units: seconds. */
export const leewaySecondsMax = 60

/** The leeway of a verifier that is given none. Units: seconds. */
export const leewaySecondsDefault = 10
