import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { createJwtVerifier, generateKey, signJwt, type EpochSeconds } from '@countersign/jwt'
import { expect, it } from 'vitest'

/**
 * `npm run test:long` makes ten million; the ordinary run makes enough to see a leak of a few bytes
 * each.
 */
const verifications = process.env['LONG'] === '1' ? 10_000_000 : 300_000
const growthBytesMax = 2_000_000

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

function heapBytes(): number {
  collect()
  return process.memoryUsage().heapUsed
}

it('verifying leaks no memory under any headers', () => {
  const now = 1_790_000_000 as EpochSeconds
  const key = generateKey('HS256')
  const policy = {
    keys: key,
    issuer: 'i',
    audience: 'a',
    algorithms: ['HS256'],
    typ: 'JWT',
  } as const
  const verify = createJwtVerifier(policy)
  const claims = { iss: 'i', aud: 'a', exp: now + 60 }
  const tokens = Array.from({ length: 200 }, (_, at) =>
    signJwt({ ...claims, sub: `user-${at}` }, key, { header: { n: at % 50 } }),
  )
  const turn = (at: number): boolean => {
    // Every eighth token is forged, with a new header.
    const stranger = Buffer.from(`{"alg":"HS256","kid":"${at}"}`).toString('base64url')
    const token = at % 8 === 0 ? `${stranger}.e30.AA` : (tokens[at % tokens.length] ?? '')
    return verify(token, now).ok
  }
  for (let at = 0; at < 20_000; at += 1) turn(at)
  const before = heapBytes()
  let accepted = 0
  for (let at = 0; at < verifications; at += 1) accepted += turn(at) ? 1 : 0
  expect(accepted).toBe((verifications / 8) * 7)
  expect(heapBytes() - before).toBeLessThan(growthBytesMax)
}, 600_000)
