import { deflateSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { encodeStatusList, readStatus, type StatusBits } from './status-list.ts'

const pack = (bytes: Uint8Array): string => deflateSync(bytes).toString('base64url')

describe('a status list', () => {
  it('reads each status that was written', () => {
    const sizes = fc.constantFrom<StatusBits>(1, 2, 4, 8)
    fc.assert(
      fc.property(
        sizes,
        fc.array(fc.nat(255), { minLength: 1, maxLength: 200 }),
        (bits, values) => {
          const fitting = values.map((value) => value % 2 ** bits)
          const list = encodeStatusList(bits, fitting.length, fitting.entries())
          const read = fitting.map((_, index) => readStatus(list, index))
          expect(read).toEqual(fitting.map((value) => ({ ok: true, value })))
        },
      ),
    )
  })

  it('writes low bits first', () => {
    const list = encodeStatusList(1, 8, [
      [0, 1],
      [3, 1],
    ])
    expect(readStatus({ bits: 8, lst: list.lst }, 0)).toEqual({ ok: true, value: 0b1001 })
  })

  it('refuses a status or an index that does not fit', () => {
    expect(() => encodeStatusList(1, 8, [[8, 1]])).toThrow(RangeError)
    expect(() => encodeStatusList(1, 8, [[0, 2]])).toThrow(RangeError)
  })
})

describe('a foreign list is refused', () => {
  const good = pack(new Uint8Array(4))
  const rows: readonly [
    name: string,
    list: { bits: unknown; lst: unknown },
    index: unknown,
    reason: string,
  ][] = [
    ['with 3 bits', { bits: 3, lst: good }, 0, 'status_list_malformed'],
    ['with bits as text', { bits: '1', lst: good }, 0, 'status_list_malformed'],
    ['that is no text', { bits: 1, lst: 7 }, 0, 'status_list_malformed'],
    ['that is not compressed', { bits: 1, lst: 'AAAA' }, 0, 'status_list_malformed'],
    [
      'that inflates beyond 1 MiB',
      { bits: 1, lst: pack(new Uint8Array(2 ** 20 + 1)) },
      0,
      'status_list_malformed',
    ],
    ['below its first index', { bits: 1, lst: good }, -1, 'status_index_out_of_range'],
    ['beyond its last index', { bits: 1, lst: good }, 32, 'status_index_out_of_range'],
    ['far beyond its last index', { bits: 8, lst: good }, 2 ** 31, 'status_index_out_of_range'],
    ['at half an index', { bits: 1, lst: good }, 1.5, 'status_index_out_of_range'],
    ['at an index that is text', { bits: 1, lst: good }, '1', 'status_index_out_of_range'],
  ]
  it.each(rows)('%s', (_, list, index, reason) => {
    expect(readStatus(list, index)).toEqual({ ok: false, refusal: { reason } })
  })
})
