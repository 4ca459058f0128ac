import { describe, expect, test } from 'vitest'
import { recordBytesMax, type SourceRecord } from './source-record.ts'
import { splitDocument } from './split-document.ts'
import { splitLines } from './split-lines.ts'

/** Cuts a text into chunks of some bytes, as a stream gives it. */
async function* inChunks(text: string, size: number): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text)
  for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size)
}

async function all(records: AsyncIterable<SourceRecord>): Promise<readonly string[]> {
  const found: string[] = []
  for await (const record of records)
    found.push(
      'fault' in record
        ? `${record.line} ! ${record.fault}`
        : `${record.line} ${Buffer.from(record.bytes).toString()}`,
    )
  return found
}

const sizes = [1, 2, 3, 7, 1_000_000]

describe.each(sizes)('chunks of %i bytes', (size) => {
  const linesOf = (text: string) => all(splitLines(inChunks(text, size)))
  const usersOf = (text: string) => all(splitDocument(inChunks(text, size)))

  test.each([
    ['', []],
    ['\n\n', []],
    ['{"a":1}', ['1 {"a":1}']],
    ['{"a":1}\n{"b":"é"}\n', ['1 {"a":1}', '2 {"b":"é"}']],
    ['{"a":1}\r\n\r\n  \n{"b":2}\r\n', ['1 {"a":1}', '4 {"b":2}']],
  ])('the lines of %j', async (text, lines) => {
    expect(await linesOf(text)).toEqual(lines)
  })

  test.each([
    ['{"users":[]}', []],
    ['{"users":[{"a":1},{"b":[{"c":2}]}]}', ['1 {"a":1}', '1 {"b":[{"c":2}]}']],
    ['[{"a":1},\n{"b":2}]', ['1 {"a":1}', '2 {"b":2}']],
    [
      '{\n "realm": "users", "roles": [{"users":[1]}],\n "users" : [ {\n"a": "]}\\"" } ]\n}',
      ['3 {\n"a": "]}\\"" }'],
    ],
    ['{"groups":{"users":[{"a":1}]},"users":[{"b":2}]}', ['1 {"b":2}']],
    ['{"users":[{"a":1}],"clients":[{"b":2}]}', ['1 {"a":1}']],
    [
      '{"users":[7,{"a":1},"x",[{"b":1}]]}',
      [
        '1 ! The list holds a member that is no user.',
        '1 {"a":1}',
        '1 ! The list holds a member that is no user.',
        '1 ! The list holds a member that is no user.',
      ],
    ],
    ['{"users":[{"a":1},\n{"b":', ['1 {"a":1}', '2 ! The document ends too early.']],
    ['{"clients":[{"a":1}]}', ['1 ! The document has no list "users".']],
    ['', ['1 ! The document has no list "users".']],
    ['{"users":{"a":1}}', ['1 ! The document has no list "users".']],
  ])('the users of %j', async (text, users) => {
    expect(await usersOf(text)).toEqual(users)
  })
})

test.each([
  ['a line', (user: string) => all(splitLines(inChunks(`${user}\n{}\n`, 65_536)))],
  ['a document', (user: string) => all(splitDocument(inChunks(`[${user},\n{}]`, 65_536)))],
])('a user of %s that is too long is named and skipped', async (_, split) => {
  const user = `{"a":"${'x'.repeat(recordBytesMax)}"}`
  expect(await split(user)).toEqual([`1 ! The user has more than ${recordBytesMax} bytes.`, '2 {}'])
  const longest = `{"a":"${'x'.repeat(recordBytesMax - 8)}"}`
  expect((await split(longest))[0]).toBe(`1 ${longest}`)
})
