import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { fileRevocations, type RevocationSnapshot } from '../revocations/snapshot.ts'

let folder: string
let path: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'countersign-snapshot-'))
  path = join(folder, 'revocations.json')
})
afterEach(() => rm(folder, { recursive: true }))

const a = 'https://a.example'
const b = 'https://b.example'
const knows = (sequence: number, entries = 1): RevocationSnapshot => ({
  epoch: 'e',
  sequence,
  entries: Array.from({ length: entries }, (_, n) => [n, 'token', `${sequence} ${n}`, 1_000]),
})

it('two guards of one process that save to one file lose no snapshot', async () => {
  const [one, two] = [fileRevocations(path), fileRevocations(path)]
  const sequences = Array.from({ length: 10 }, (_, n) => n + 1)
  // The lengths differ, so that mixed writes would leave a broken file.
  await Promise.all(sequences.flatMap((n) => [one.save(a, knows(n, 2_000)), two.save(b, knows(n))]))
  expect(await one.load(a)).toEqual(knows(10, 2_000))
  expect(await one.load(b)).toEqual(knows(10))
  expect(await readdir(folder)).toEqual(['revocations.json'])
})

it('a snapshot that is behind does not replace a newer one, but a new epoch does', async () => {
  const [ahead, behind] = [fileRevocations(path), fileRevocations(path)]
  await ahead.save(a, knows(10))
  await behind.save(a, knows(8))
  expect(await behind.load(a)).toEqual(knows(10))
  await behind.save(a, { ...knows(1), epoch: 'after a restore' })
  expect(await ahead.load(a)).toMatchObject({ epoch: 'after a restore', sequence: 1 })
})

it('half a file, and the draft of a killed process, do not throw', async () => {
  await writeFile(path, '{"https://a.example":{"epoch":"e","sequ')
  await writeFile(`${path}.${process.pid}.new`, '{')
  const file = fileRevocations(path)
  expect(await file.load(a)).toBeUndefined()
  await file.save(a, knows(3))
  expect(await file.load(a)).toEqual(knows(3))
})

it('the start of the epoch, hashes and ended epochs are kept too; a file of an older release has none', async () => {
  const whole: RevocationSnapshot = {
    ...knows(3),
    epochStart: 800,
    hashes: [[3, 'h3']],
    ended: [{ epoch: 'before', issuedUpTo: 900, entries: [[0, 'key', 'burnt', 1_000]] }],
  }
  await fileRevocations(path).save(a, whole)
  await fileRevocations(path).save(b, knows(3))
  expect(await fileRevocations(path).load(a)).toEqual(whole)
  expect(await fileRevocations(path).load(b)).toEqual(knows(3))
})

it('a snapshot of another history replaces a longer one', async () => {
  const file = fileRevocations(path)
  await file.save(a, { ...knows(10), hashes: [[8, 'before']] })
  await file.save(a, { ...knows(9), hashes: [[8, 'before']] })
  expect(await file.load(a)).toMatchObject({ sequence: 10 })
  await file.save(a, { ...knows(9), hashes: [[8, 'after']] })
  expect(await file.load(a)).toMatchObject({ sequence: 9 })
})

it.each<[string, object]>([
  ['a start of its epoch that is a text', { epochStart: '800' }],
  ['a hash that is a number', { hashes: [[3, 4]] }],
  ['hashes that are no list', { hashes: 'h' }],
  ['an ended epoch without a moment', { ended: [{ epoch: 'e', entries: [] }] }],
  [
    'an ended epoch with an unknown entry',
    { ended: [{ epoch: 'e', issuedUpTo: 1, entries: [1] }] },
  ],
])('a file is ignored with %s', async (_, members) => {
  await writeFile(path, JSON.stringify({ [a]: { ...knows(3), ...members } }))
  expect(await fileRevocations(path).load(a)).toBeUndefined()
})
