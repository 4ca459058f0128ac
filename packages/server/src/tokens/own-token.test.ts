import type { EpochSeconds } from '@countersign/jwt'
import { expect, it } from 'vitest'
import { readOwnToken } from './own-token.ts'

const claims = {
  jti: 'j1',
  aud: 'https://api.test',
  sub: 'alice',
  client_id: 'web',
  scope: 'read write',
  cid: 'internal-of-web',
  cv: 3,
  iat: 1_000 as EpochSeconds,
  exp: 1_600 as EpochSeconds,
  pjti: ['p'],
  pkid: ['k0'],
  piat: 900,
}
const read = (over: object = {}) =>
  readOwnToken(
    {
      claims: { ...claims, ...over },
      key: undefined,
      keySet: undefined,
      validFrom: 0,
      validUntil: claims.exp,
    },
    { boundTo: 'thumbprint', envelopeKid: 'e1' },
  )

it('reads the claims that the grants decide by', () => {
  expect(read()).toMatchObject({
    value: {
      jti: 'j1',
      scopes: ['read', 'write'],
      jkt: 'thumbprint',
      envelopeKid: 'e1',
      ancestors: ['p'],
      ancestorKids: ['k0'],
      ancestorIat: 900,
      username: 'alice',
    },
  })
})

it.each(['jti', 'aud', 'sub', 'client_id', 'cid', 'cv', 'iat', 'exp'])(
  'cannot read a token without %s',
  (name) => {
    expect(read({ [name]: undefined })).toMatchObject({ refusal: { reason: 'claims_invalid' } })
  },
)
