import { generateKeyPairSync, verify, type KeyObject } from 'node:crypto'
import { afterEach, expect, it, vi } from 'vitest'

import { signatureAlgorithms, type AsymmetricAlgorithm } from './signature-algorithms.ts'

const row = signatureAlgorithms.ES256 as AsymmetricAlgorithm
const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const other = generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey

afterEach(() => vi.unstubAllGlobals())

const rows: readonly { name: string; copy: ((key: KeyObject) => unknown) | undefined }[] = [
  { name: 'as it is', copy: undefined },
  { name: 'that copies no keys', copy: refuseToCopy },
  { name: 'whose copy signs in another form', copy: () => other },
]

it.each(rows)('ES256 signs with 64 bytes on a runtime $name', ({ copy }) => {
  if (copy !== undefined) vi.stubGlobal('structuredClone', copy)
  const signature = row.sign(privateKey)('a.b', 3)
  const key = { key: publicKey, dsaEncoding: 'ieee-p1363' } as const
  expect(signature).toHaveLength(64)
  expect(verify('sha256', Buffer.from('a.b'), key, signature)).toBe(true)
})

it('leaves the given key as it was', () => {
  row.sign(privateKey)
  expect('dsaEncoding' in privateKey).toBe(false)
})

function refuseToCopy(): never {
  throw new TypeError('not supported')
}
