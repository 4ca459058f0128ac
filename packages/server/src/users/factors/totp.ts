import type { EpochSeconds } from '@countersign/jwt'

/** Units: seconds. */
const periodSeconds = 30

const parameters = { algorithm: 'SHA1', digits: 6, period: periodSeconds } as const

/** Units: bytes. Source: RFC 4226 §4 (R6). */
export const totpSecretBytes = 20

/**
 * Finds the time step for which a code is right: the present one, or one of its neighbours; `undefined` for none.
 * Not checked: whether a code of that step was used before. The store decides that.
 * Source: RFC 6238 §4 and §5.2; SHA-1, 30 seconds and 6 digits, because many apps ignore other values.
 */
export async function findTotpStep(
  secret: Uint8Array,
  code: string,
  now: EpochSeconds,
): Promise<number | undefined> {
  const { Secret, TOTP } = await import('otpauth')
  const totp = new TOTP({ ...parameters, secret: new Secret({ buffer: copyOf(secret) }) })
  const delta = totp.validate({ token: code, timestamp: now * 1000, window: 1 })
  return delta === null ? undefined : Math.floor(now / periodSeconds) + delta
}

/** Gives the seconds until the first code after that of a step. */
export function secondsAfterStep(step: number, now: EpochSeconds): number {
  return Math.max(1, Math.ceil((step + 1) * periodSeconds - now))
}

/** The address that an app reads from a picture, and the same secret for typing. */
export interface TotpAddress {
  readonly address: string
  /** Base32, as apps want it. */
  readonly key: string
}

/** Makes the address of a secret for an app. Source: Key Uri Format of Google Authenticator. */
export async function writeTotpAddress(
  secret: Uint8Array,
  { issuer, account }: { readonly issuer: string; readonly account: string },
): Promise<TotpAddress> {
  const { Secret, TOTP } = await import('otpauth')
  // A colon separates both in the label of the address.
  const clean = (text: string) => text.replaceAll(':', ' ')
  const totp = new TOTP({
    ...parameters,
    issuer: clean(issuer),
    label: clean(account),
    secret: new Secret({ buffer: copyOf(secret) }),
  })
  return { address: totp.toString(), key: totp.secret.base32 }
}

function copyOf(secret: Uint8Array): ArrayBuffer {
  return new Uint8Array(secret).buffer
}
