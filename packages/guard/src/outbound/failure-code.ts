/**
 * Reads the runtime's code of a failed connection (`ENOTFOUND`, `ECONNREFUSED`, `CERT_HAS_EXPIRED`).
 * Why: the code says whether the name, the network, the proxy or the certificate is at fault. It holds no secret.
 */
export function failureCode(fault: unknown): string | undefined {
  let inner = fault
  for (let depth = 0; depth < depthMax; depth += 1) {
    if (typeof inner !== 'object' || inner === null) return undefined
    const { code, cause, errors } = inner as Readonly<Record<string, unknown>>
    // `AbortError` and other DOM errors have a number as code.
    if (typeof code === 'string' && isPlain(code)) return code
    inner = cause ?? (Array.isArray(errors) ? (errors as readonly unknown[])[0] : undefined)
  }
  return undefined
}

/** Units: errors within each other, and letters. */
const depthMax = 5
const codeLettersMax = 64

function isPlain(code: string): boolean {
  if (code === '' || code.length > codeLettersMax) return false
  return Array.from(code).every((letter) => letters.includes(letter))
}

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-'
