/** Units: letters. Source: RFC 5321 §4.5.3.1. */
const mailboxLengthMax = 254

const atomSigns = "!#$%&'*+-/=?^_`{|}~"

/**
 * Whether a text is one plain address: a dot-atom of ASCII, one at sign and a domain of letters, digits, hyphens and dots.
 * Not checked: whether it receives mail.
 * Why again, after the check of names: this is the only value from outside in a header, and a list, a group or a line end
 * would send the mail to others.
 * Source: RFC 5322 §3.4.1 (dot-atom).
 */
export function isMailbox(text: string): boolean {
  const at = text.indexOf('@')
  const local = text.slice(0, at)
  const labels = text.slice(at + 1).split('.')
  return (
    at > 0 &&
    text.length <= mailboxLengthMax &&
    local.split('.').every((atom) => isMadeOf(atom, atomSigns)) &&
    labels.length >= 2 &&
    labels.every((label) => isMadeOf(label, '-') && !label.startsWith('-') && !label.endsWith('-'))
  )
}

function isMadeOf(text: string, signs: string): boolean {
  return (
    text !== '' && Array.from(text).every((sign) => isLetterOrDigit(sign) || signs.includes(sign))
  )
}

function isLetterOrDigit(sign: string): boolean {
  return (
    (sign >= 'a' && sign <= 'z') || (sign >= 'A' && sign <= 'Z') || (sign >= '0' && sign <= '9')
  )
}
