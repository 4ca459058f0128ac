import { expect, test } from 'vitest'
import type { EpochSeconds } from '@countersign/jwt'
import type { LogLink, RevocationEntry } from '../store/port/records.ts'
import { hashAt, readPart } from './read-log.ts'

const at = 1_800_000_000 as EpochSeconds

/** A log with an entry at each number, whose batches end at the given links. */
function logOf(count: number, links: readonly LogLink[]) {
  const entry = (sequence: number): RevocationEntry => ({
    sequence,
    target: { kind: 'token', jti: `t${sequence}` },
    at,
    until: (at + 600) as EpochSeconds,
  })
  const all = Array.from({ length: count }, (_, n) => entry(n + 1))
  return {
    page: async (after: number, limit: number) =>
      all.filter(({ sequence }) => sequence > after).slice(0, limit),
    linkUpTo: async (sequence: number) => links.findLast((link) => link.sequence <= sequence),
  }
}

const link = (sequence: number): LogLink => ({ sequence, hash: `h${sequence}` })

test.each([
  ['all entries, up to the head', 3, [link(3)], 0, link(3), 3, link(3)],
  ['nothing, where the reader is at the head', 3, [link(3)], 3, link(3), 0, link(3)],
  [
    'up to the head that was read, without later entries',
    5,
    [link(3), link(5)],
    0,
    link(3),
    3,
    link(3),
  ],
  ['up to the end of a batch', 1500, [link(600), link(1400)], 0, link(1500), 600, link(600)],
  [
    'to its limit, where one entry is one batch',
    1500,
    [link(1000)],
    0,
    link(1500),
    1000,
    link(1000),
  ],
  [
    'no hash inside a batch larger than a message',
    1500,
    [],
    0,
    link(1500),
    1000,
    { sequence: 1000, hash: '' },
  ],
  [
    'no hash where the last link lies behind the reader',
    1500,
    [link(100)],
    100,
    link(1500),
    1000,
    { sequence: 1100, hash: '' },
  ],
] as const)('a message holds %s', async (_, count, links, after, newest, entries, to) => {
  const part = await readPart(logOf(count, links), after, newest)
  expect(part.entries).toHaveLength(entries)
  expect(part.entries.every(([sequence]) => sequence <= part.to.sequence)).toBe(true)
  expect(part.to).toEqual(to)
})

test.each([
  ['at the beginning', 0, ''],
  ['at the head', 9, 'h9'],
  ['where a batch ended', 4, 'h4'],
  ['inside a batch', 5, ''],
  ['before the first link that is kept', 1, ''],
])('the hash %s', async (_, sequence, hash) => {
  expect(await hashAt(logOf(9, [link(4), link(9)]), sequence, link(9))).toBe(hash)
})
