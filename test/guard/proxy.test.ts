import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

/** Prints why a guard in front of an issuer behind a proxy has no keys. */
const program = `
  import { createGuard } from '@countersign/guard'
  const guard = createGuard({ issuer: 'https://issuer.invalid', audience: 'a', revocation: false })
  await guard.ready().catch(() => undefined)
  process.stdout.write(String(guard.health().issuers[0].keys.failure))
  guard.close()
`

describe('a guard in Node behind a proxy', () => {
  const asked: string[] = []
  const proxy = createServer().on('connect', ({ url = '' }, socket) => {
    asked.push(url)
    socket.end('HTTP/1.1 403 Forbidden\r\n\r\n')
  })
  let address = ''
  beforeAll(async () => {
    await once(proxy.listen(0, '127.0.0.1'), 'listening')
    address = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`
  })
  afterAll(() => void proxy.close())

  async function failureWith(variables: Readonly<Record<string, string>>): Promise<string> {
    const { PATH = '' } = process.env
    const child = spawn(
      process.execPath,
      ['--conditions=countersign-source', '--input-type=module', '-e', program],
      { env: { PATH, ...variables }, stdio: ['ignore', 'pipe', 'inherit'] },
    )
    const [[printed]] = await Promise.all([once(child.stdout, 'data'), once(child, 'exit')])
    return String(printed)
  }

  it('goes through it with HTTPS_PROXY and NODE_USE_ENV_PROXY, and names its refusal', async () => {
    const failure = await failureWith({ HTTPS_PROXY: address, NODE_USE_ENV_PROXY: '1' })
    expect(failure).toBe('metadata: unreachable UND_ERR_ABORTED')
    expect(asked).toContain('issuer.invalid:443')
  })

  it('ignores HTTPS_PROXY alone', async () => {
    asked.length = 0
    expect(await failureWith({ HTTPS_PROXY: address })).toContain('metadata: ')
    expect(asked).toEqual([])
  })
})
