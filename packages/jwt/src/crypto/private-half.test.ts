import { generateKeyPairSync } from 'node:crypto'
import { expect, test } from 'vitest'

import { signsFor } from './private-half.ts'

const [own, other] = ['P-521', 'P-521'].map((namedCurve) =>
  generateKeyPairSync('ec', { namedCurve }),
) as [Pair, Pair]
const another = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const exchanging = generateKeyPairSync('x25519')
type Pair = typeof another

test.for([
  ['its own private key', own.privateKey, true],
  ["another's", other.privateKey, false],
  ['one of another curve', another.privateKey, false],
  ['one that does not sign at all', exchanging.privateKey, false],
] as const)('a public key and %s', ([, privateKey, agrees]) => {
  expect(signsFor(privateKey, own.publicKey)).toBe(agrees)
})
