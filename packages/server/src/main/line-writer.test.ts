import { expect, it } from 'vitest'
import { createLineWriter } from './line-writer.ts'

const fault = (code: string) => Object.assign(new Error(code), { code })

/** A place that takes so many bytes and then says something else. */
function aPlace(room: number, code = 'EAGAIN') {
  const place = { room, text: '', later: [] as (() => void)[] }
  const write = (bytes: Uint8Array): number => {
    if (place.room === 0) throw fault(code)
    const taken = Math.min(place.room, bytes.length)
    place.text += Buffer.from(bytes.subarray(0, taken)).toString()
    place.room -= taken
    return taken
  }
  const say = createLineWriter(
    { write, later: (task) => void place.later.push(task) },
    (lines) => `${lines} lost\n`,
  )
  const passTime = () => {
    for (const task of place.later.splice(0)) task()
  }
  return { place, say, passTime }
}

it('what a full pipe does not take is written when it is read, whole and in order', () => {
  const { place, say, passTime } = aPlace(8)
  for (const line of ['one\n', 'two\n', 'three\n']) say(line)
  expect(place.text).toBe('one\ntwo\n')
  passTime()
  place.room = 3
  passTime()
  expect(place.text).toBe('one\ntwo\nthr')
  place.room = 100
  passTime()
  say('four\n')
  expect(place.text).toBe('one\ntwo\nthree\nfour\n')
  expect(place.later).toEqual([])
})

it('beyond a limit lines are lost, and how many is said', () => {
  const { place, say, passTime } = aPlace(0)
  const line = `${'x'.repeat(100_000)}\n`
  for (let n = 0; n < 13; n += 1) say(line)
  place.room = Infinity
  passTime()
  say('again\n')
  expect(place.text).toBe(`${line.repeat(10)}3 lost\nagain\n`)
})

it.each(['EPIPE', 'ENOSPC', 'EIO'])('what cannot be written, %s, is lost and no fault', (code) => {
  const { place, say } = aPlace(0, code)
  say('one\n')
  say('two\n')
  place.room = Infinity
  say('three\n')
  expect(place.text).toBe('2 lost\nthree\n')
})
