import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { createGuard } from '@countersign/guard'
import { testIssuer } from '@countersign/guard/testing'
import { expect, it } from 'vitest'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

function heapBytes(): number {
  collect()
  return process.memoryUsage().heapUsed
}

it('a cached token keeps no part of the other cookies in its header', async () => {
  const t = testIssuer()
  const guard = createGuard({ ...t.options, credentials: { cookie: '__Host-session' } })
  const tokens = Array.from({ length: 800 }, (_, at) => t.token({ sub: `user-${at}` }))
  /** Makes a header in memory of its own, as a socket does. */
  const header = (token: string, at: number): string =>
    Buffer.from(`other=${String(at).repeat(8_000)}; __Host-session=${token}`).toString('latin1')
  const before = heapBytes()
  for (const [at, token] of tokens.entries())
    for (let sent = 0; sent < 2; sent += 1)
      await guard.require({ rawHeaders: ['Host', 'api.example', 'Cookie', header(token, at)] })
  expect(guard.health().cachedTokens).toBe(800)
  // The headers are about 19 MB, the tokens and claims about 2 MB.
  expect(heapBytes() - before).toBeLessThan(8_000_000)
})
