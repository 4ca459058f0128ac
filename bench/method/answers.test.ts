import { describe, expect, test } from 'vitest'
import { createAnswerReader } from './answers.ts'

const plain = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello'
const none = 'HTTP/1.1 204 No Content\r\ndate: x\r\n\r\n'
const chunked =
  'HTTP/1.1 401 Unauthorized\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n'

function readAll(chunks: readonly string[]): readonly { status: number; body: string }[] {
  const answers: { status: number; body: string }[] = []
  const read = createAnswerReader((status, body) => answers.push({ status, body }))
  for (const chunk of chunks) read(Buffer.from(chunk))
  return answers
}

describe('answers are read whole', () => {
  const rows: readonly { name: string; chunks: string[]; statuses: number[] }[] = [
    { name: 'one in one chunk', chunks: [plain], statuses: [200] },
    { name: 'three in one chunk', chunks: [plain + none + chunked], statuses: [200, 204, 401] },
    { name: 'one cut anywhere', chunks: [plain.slice(0, 20), plain.slice(20)], statuses: [200] },
    { name: 'one letter by letter', chunks: (plain + plain).split(''), statuses: [200, 200] },
    { name: 'not before its end', chunks: [plain.slice(0, -1)], statuses: [] },
    { name: 'chunked, not before its last chunk', chunks: [chunked.slice(0, -5)], statuses: [] },
  ]
  test.each(rows)('$name', ({ chunks, statuses }) => {
    expect(readAll(chunks).map(({ status }) => status)).toEqual(statuses)
  })

  test('with their bodies', () => {
    expect(readAll([plain])).toEqual([{ status: 200, body: 'hello' }])
  })

  test('with the bodies of chunks, also one that looks like an end', () => {
    const two = chunked.replace('2\r\nhi', '5\r\n0\r\n\r\n\r\nA\r\n0123456789')
    expect(readAll(two.split(''))).toEqual([{ status: 401, body: '0\r\n\r\n0123456789' }])
  })
})
