import { expect, it } from 'vitest'
import { detailOfToken } from './token-detail.ts'

const us = 'https://as.test'

it.each<[string, Parameters<typeof detailOfToken>[0], string]>([
  [
    'another audience',
    { reason: 'audience_mismatch', found: [`${us}/oauth2/token`], expected: [us] },
    `audience_mismatch (found ${us}/oauth2/token, expected ${us})`,
  ],
  [
    'another subject',
    { reason: 'claim_mismatch', claim: 'sub', found: 'b', expected: 'a' },
    'claim_mismatch sub (found b, expected a)',
  ],
  [
    'no type',
    { reason: 'typ_mismatch', expected: ['jwt', ''] },
    'typ_mismatch (expected jwt none)',
  ],
  [
    'no audience',
    { reason: 'audience_mismatch', found: [], expected: us },
    `audience_mismatch (found none, expected ${us})`,
  ],
  ['a claim that is missing', { reason: 'claim_missing', claim: 'jti' }, 'claim_missing jti'],
  ['a key that is unknown', { reason: 'key_unknown' }, 'key_unknown'],
])('%s', (_, refusal, detail) => {
  expect(detailOfToken(refusal)).toBe(detail)
})

it('a long text is cut', () => {
  const found = 'a'.repeat(1_000)
  expect(detailOfToken({ reason: 'issuer_mismatch', found })).toHaveLength(400)
})
