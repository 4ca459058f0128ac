import type { FilledMail } from './filled-mail.ts'

/** Units: letters in a line. Source: RFC 5322 §2.1.1 (78 at most). */
const lineLengthMax = 72

/** Writes a mail as plain text, the heading first. An address has a line of its own and is never folded. */
export function mailPlainText({ heading, lines, action, notes, foot }: FilledMail): string {
  const paragraphs = [
    heading,
    ...lines,
    ...(action === undefined ? [] : [`${wrap(action.lead)}\n${action.address}`]),
    ...notes,
  ]
  const body = paragraphs.map((text) => (text.includes('\n') ? text : wrap(text)))
  return `${body.join('\n\n')}\n\n-- \n${foot.map(wrap).join('\n')}\n`
}

/** Breaks a line at spaces. A word that is longer than a line stays whole. */
function wrap(text: string): string {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > lineLengthMax) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  return [...lines, line].join('\n')
}
