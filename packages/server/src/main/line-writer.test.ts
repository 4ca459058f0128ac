import { expect, it } from 'vitest'
import { createLineWriter } from './line-writer.ts'

const fault = (code: string) => Object.assign(new Error(code), { code })

/** A pipe that accepts so many bytes and then fails with a code. */
function aPipe(free: number, code = 'EAGAIN') {
  const pipe = { free, text: '', later: [] as (() => void)[] }
  const write = (bytes: Uint8Array): number => {
    if (pipe.free === 0) throw fault(code)
    const written = Math.min(pipe.free, bytes.length)
    pipe.text += Buffer.from(bytes.subarray(0, written)).toString()
    pipe.free -= written
    return written
  }
  const say = createLineWriter(
    { write, later: (task) => void pipe.later.push(task) },
    (lines) => `${lines} lost\n`,
  )
  const passTime = () => {
    for (const task of pipe.later.splice(0)) task()
  }
  return { pipe, say, passTime }
}

it('writes the lines for a full pipe once it is read, whole and in order', () => {
  const { pipe, say, passTime } = aPipe(8)
  for (const line of ['one\n', 'two\n', 'three\n']) say(line)
  expect(pipe.text).toBe('one\ntwo\n')
  passTime()
  pipe.free = 3
  passTime()
  expect(pipe.text).toBe('one\ntwo\nthr')
  pipe.free = 100
  passTime()
  say('four\n')
  expect(pipe.text).toBe('one\ntwo\nthree\nfour\n')
  expect(pipe.later).toEqual([])
})

it('drops lines beyond a limit and states their number', () => {
  const { pipe, say, passTime } = aPipe(0)
  const line = `${'x'.repeat(100_000)}\n`
  for (let n = 0; n < 13; n += 1) say(line)
  pipe.free = Infinity
  passTime()
  say('again\n')
  expect(pipe.text).toBe(`${line.repeat(10)}3 lost\nagain\n`)
})

it.each(['EPIPE', 'ENOSPC', 'EIO'])('drops lines after %s without a fault', (code) => {
  const { pipe, say } = aPipe(0, code)
  say('one\n')
  say('two\n')
  pipe.free = Infinity
  say('three\n')
  expect(pipe.text).toBe('2 lost\nthree\n')
})
