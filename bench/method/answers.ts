/** Receives the bytes of a connection. */
export type AnswerReader = (chunk: Buffer) => void

/**
 * Reads HTTP/1.1 answers off a connection and reports each when it is whole.
 * Why: an answer is nearly always one chunk, so that case costs two searches and no copying.
 * Not checked: anything but status line, `Content-Length` and the sizes of chunks.
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
  const lower = head.toLowerCase()
  const at = lower.indexOf(lengthName)
  if (at === -1 && lower.includes('\r\ntransfer-encoding: chunked'))
    return readChunks(bytes, status, bodyStart)
  const length =
    at === -1 ? bodyStart : bodyStart + Number.parseInt(lower.slice(at + lengthName.length), 10)
  if (bytes.length < length) return undefined
  return { status, body: bytes.toString('utf8', bodyStart, length), length }
}

const lengthName = '\r\ncontent-length:'

function readChunks(bytes: Buffer, status: number, start: number): Answer | undefined {
  const chunks: Buffer[] = []
  for (let at = start; ;) {
    const lineEnd = bytes.indexOf('\r\n', at)
    if (lineEnd === -1) return undefined
    const size = Number.parseInt(bytes.toString('latin1', at, lineEnd), 16)
    at = lineEnd + 2 + size + 2
    if (bytes.length < at) return undefined
    if (size === 0) return { status, body: Buffer.concat(chunks).toString('utf8'), length: at }
    chunks.push(bytes.subarray(lineEnd + 2, lineEnd + 2 + size))
  }
}
