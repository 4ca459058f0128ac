import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { inflateSync } from 'node:zlib'
import { expect, test } from 'vitest'
import {
  encodeStatusList,
  readStatus,
  type StatusBits,
} from '../../packages/server/src/revocation/status-list.ts'
import { vectorsAbsent, vectorsDir } from './dir.ts'

interface Vectors {
  readonly small: readonly { bits: StatusBits; byte_array: number[]; lst: string }[]
  readonly vectors: readonly {
    bits: StatusBits
    size: number
    statuses: Record<string, number>
    others: number
    lst: string
  }[]
  readonly example_status_list_jwt: string
}

const dir = vectorsDir()
if (dir === undefined) console.log(vectorsAbsent)

const read = (): Vectors =>
  JSON.parse(readFileSync(join(dir ?? '', 'status-list', 'status_list_vectors.json'), 'utf8'))
const inflate = (lst: string) => inflateSync(Buffer.from(lst, 'base64url'))

test.runIf(dir !== undefined)(
  'published status lists: every status agrees, and no other bit is set',
  () => {
    const { small, vectors } = read()
    for (const { bits, byte_array, lst } of small) {
      const size = (byte_array.length * 8) / bits
      const values = Array.from({ length: size }, (_, at) => {
        const status = readStatus({ bits, lst }, at)
        return status.ok ? status.value : -1
      })
      expect(inflate(encodeStatusList(bits, size, values.entries()).lst)).toEqual(
        Buffer.from(byte_array),
      )
    }
    for (const { bits, size, statuses, lst } of vectors) {
      const set = Object.entries(statuses).map(
        ([index, status]) => [Number(index), status] as const,
      )
      for (const [index, status] of set) {
        expect(readStatus({ bits, lst }, index)).toEqual({ ok: true, value: status })
      }
      expect(inflate(encodeStatusList(bits, size, set).lst).equals(inflate(lst))).toBe(true)
    }
    console.log(`status-list: ${small.length + vectors.length} lists agree`)
  },
)

test.runIf(dir !== undefined)('the published list token holds a list that can be read', () => {
  const [, payload = ''] = read().example_status_list_jwt.split('.')
  const { status_list: list } = JSON.parse(Buffer.from(payload, 'base64url').toString())
  expect([0, 1, 2, 3].map((at) => readStatus(list, at))).toEqual(
    [1, 0, 0, 1].map((value) => ({ ok: true, value })),
  )
})
