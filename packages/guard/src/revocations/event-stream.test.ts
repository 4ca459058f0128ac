import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { messageBytesMax } from './entries.ts'
import { createByteLimit, createEventParser } from './event-stream.ts'

function parse(...chunks: string[]): { data: string[]; over: boolean } {
  const data: string[] = []
  let over = false
  const push = createEventParser(
    (text) => data.push(text),
    () => (over = true),
  )
  for (const chunk of chunks) push(chunk)
  return { data, over }
}

describe('events', () => {
  const rows: readonly [name: string, chunks: string[], data: string[]][] = [
    ['one event', ['data: a\n\n'], ['a']],
    ['an event in pieces', ['da', 'ta: a', 'b\n', '\n'], ['ab']],
    ['two in one piece', ['data: a\n\ndata: b\n\n'], ['a', 'b']],
    ['lines that end in CR LF', ['data: a\r\n\r\n'], ['a']],
    ['a CR LF cut in the middle', ['data: a\r', '\n\r', '\n'], ['a']],
    ['comments, ids and names are ignored', [': warm\n\nid: 7\nevent: x\ndata: a\n\n'], ['a']],
    ['no space after the colon', ['data:a\n\n'], ['a']],
    ['several data lines make one text', ['data: a\ndata: b\n\n'], ['a\nb']],
    ['an event without an end gives nothing', ['data: a\n'], []],
  ]
  it.each(rows)('%s', (_, chunks, data) => {
    expect(parse(...chunks).data).toEqual(data)
  })

  it('ends a stream whose line is longer than any message', () => {
    expect(parse('data: ', 'x'.repeat(messageBytesMax + 1)).over).toBe(true)
  })

  it('ends a stream whose event is longer than any message', () => {
    const line = `data: ${'x'.repeat(1000)}\n`
    expect(parse(line.repeat(200)).over).toBe(true)
  })

  it('reads the same for every split of the bytes', () => {
    fc.assert(
      fc.property(
        fc.array(fc.stringMatching(/^[a-z.]{1,20}$/u)),
        fc.integer({ min: 1, max: 9 }),
        (texts, size) => {
          const whole = texts.map((text) => `data: ${text}\r\n\r\n`).join('')
          const chunks: string[] = []
          for (let start = 0; start < whole.length; start += size)
            chunks.push(whole.slice(start, start + size))
          expect(parse(...chunks).data).toEqual(texts)
        },
      ),
    )
  })
})

describe('the bytes of a stream', () => {
  const mebibyte = 1024 * 1024
  const rows: readonly [
    name: string,
    chunks: [second: number, mebibytes: number][],
    fits: boolean,
  ][] = [
    ['eight mebibytes at once', [[0, 8]], true],
    [
      'more than that at once',
      [
        [0, 8],
        [0, 0.1],
      ],
      false,
    ],
    ['two in each second for a minute', Array.from({ length: 60 }, (_, n) => [n, 2]), true],
    ['three in each second for a minute', Array.from({ length: 60 }, (_, n) => [n, 3]), false],
    [
      'eight again after a quiet hour',
      [
        [0, 8],
        [3600, 8],
      ],
      true,
    ],
    [
      'nine after a quiet hour',
      [
        [0, 8],
        [3600, 9],
      ],
      false,
    ],
  ]
  it.each(rows)('%s', (_, chunks, fits) => {
    let now = 0
    const limit = createByteLimit(() => now)
    const answers = chunks.map(([second, mebibytes]) => {
      now = second
      return limit(mebibytes * mebibyte)
    })
    expect(answers.every(Boolean)).toBe(fits)
  })
})
