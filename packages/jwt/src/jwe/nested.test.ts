import { Buffer } from 'node:buffer'
import { expect, test } from 'vitest'

import { layersOf } from './nested.ts'

test.for([
  { name: 'a signed token', text: 'aGVhZA.Ym9keQ.c2ln', layers: 'signed' },
  { name: 'letters of base64url that base64 lacks', text: 'a-_.b-_.c-_', layers: 'signed' },
  { name: 'an unsigned token', text: 'aGVhZA.Ym9keQ.', layers: 'other' },
  { name: 'a token without a header', text: '.Ym9keQ.c2ln', layers: 'other' },
  { name: 'a token without a payload', text: 'aGVhZA..c2ln', layers: 'other' },
  { name: 'two parts', text: 'aGVhZA.Ym9keQ', layers: 'other' },
  { name: 'four parts', text: 'a.b.c.d', layers: 'other' },
  { name: 'five parts', text: 'a.b.c.d.e', layers: 'encrypted' },
  { name: 'five parts, some empty as with dir', text: 'a..c.d.e', layers: 'encrypted' },
  { name: 'six parts', text: 'a.b.c.d.e.f', layers: 'other' },
  { name: 'claims as JSON', text: '{"sub":"root"}', layers: 'other' },
  { name: 'nothing', text: '', layers: 'other' },
  { name: 'white space at the end', text: 'a.b.c\n', layers: 'other' },
  { name: 'padding', text: 'a.b.cw==', layers: 'other' },
  { name: 'a letter beyond ASCII', text: 'a.b.é', layers: 'other' },
])('$name is $layers', ({ text, layers }) => {
  expect(layersOf(Buffer.from(text, 'utf8'))).toBe(layers)
})
