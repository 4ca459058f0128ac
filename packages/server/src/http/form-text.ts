/**
 * Decodes one name or value of a form; `undefined` where it is no such text.
 * Why: also used for the two halves of an HTTP Basic credential, which RFC 6749 §2.3.1 encodes the same way.
 */
export function decodeFormText(text: string): string | undefined {
  let coded = false
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    if (code <= 0x20 || code >= 0x7f) return undefined
    if (code === 0x25 || code === 0x2b) coded = true
  }
  if (!coded) return text
  let decoded
  try {
    decoded = decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return undefined
  }
  return hasControls(decoded) ? undefined : decoded
}

function hasControls(text: string): boolean {
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    if (code < 0x20 || code === 0x7f) return true
  }
  return false
}
