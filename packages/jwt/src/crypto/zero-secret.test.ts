import { Buffer } from 'node:buffer'
import { createPublicKey } from 'node:crypto'
import { expect, test, vi } from 'vitest'

import { agreeOnSecret, agreeWithRecipient, generateEphemeral } from './key-agreement.ts'

// A runtime that does not itself refuse points of small order.
vi.mock(import('node:crypto'), async (original) => ({
  ...(await original()),
  diffieHellman: () => Buffer.alloc(32),
}))

test.for([
  { curve: 'X25519', does: 'is refused', refused: true },
  { curve: 'P-256', does: 'is an honest coordinate', refused: false },
] as const)('C04 an all-zero secret on $curve $does', ({ curve, refused }) => {
  const bob = generateEphemeral(curve)
  const { epk } = agreeWithRecipient(generateEphemeral(curve), createPublicKey(bob))
  expect(agreeOnSecret(bob, epk) === undefined).toBe(refused)
})
