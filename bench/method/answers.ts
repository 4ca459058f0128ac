/** Takes the bytes of a connection as they come. */
export type AnswerReader = (chunk: Buffer) => void

/**
 * Reads HTTP/1.1 answers off a connection and reports each when it is whole.
 * Why: an answer is nearly always one chunk, so that case costs two searches and no copying.
 * Not checked: anything but status line, `Content-Length` and the end of chunked bodies.
 */
export function createAnswerReader(onAnswer: (status: number, body: string) => void): AnswerReader {
  let kept: Buffer | undefined
  return (chunk) => {
    let rest = kept === undefined ? chunk : Buffer.concat([kept, chunk])
    kept = undefined
    while (rest.length > 0) {
      const answer = readAnswer(rest)
      if (answer === undefined) {
        // The bytes lie in a buffer that the next read will overwrite.
        kept = Buffer.from(rest)
        return
      }
      rest = rest.subarray(answer.length)
      onAnswer(answer.status, answer.body)
    }
  }
}

interface Answer {
  readonly status: number
  readonly body: string
  readonly length: number
}

function readAnswer(bytes: Buffer): Answer | undefined {
  const headEnd = bytes.indexOf('\r\n\r\n')
  if (headEnd === -1) return undefined
  const bodyStart = headEnd + 4
  const head = bytes.toString('latin1', 0, headEnd)
  const status = Number(head.slice(9, 12))
  const bodyEnd = findBodyEnd(bytes, head.toLowerCase(), bodyStart)
  if (bodyEnd === undefined || bytes.length < bodyEnd) return undefined
  return { status, body: bytes.toString('utf8', bodyStart, bodyEnd), length: bodyEnd }
}

const lengthName = '\r\ncontent-length:'

function findBodyEnd(bytes: Buffer, head: string, bodyStart: number): number | undefined {
  const at = head.indexOf(lengthName)
  if (at !== -1) return bodyStart + Number.parseInt(head.slice(at + lengthName.length), 10)
  if (!head.includes('\r\ntransfer-encoding: chunked')) return bodyStart
  const last = bytes.indexOf('0\r\n\r\n', bodyStart)
  return last === -1 ? undefined : last + 5
}
