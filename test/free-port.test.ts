import { createServer } from 'node:net'
import { once } from 'node:events'
import { execFileSync } from 'node:child_process'
import { expect, it, onTestFinished } from 'vitest'
import { freePort } from './free-port.ts'

it('gives each port once, across processes', async () => {
  const script = `import { freePort } from ${JSON.stringify(new URL('free-port.ts', import.meta.url).href)}
    const ports = await Promise.all(Array.from({ length: 100 }, freePort))
    console.log(JSON.stringify(ports))`
  const mine = await Promise.all(Array.from({ length: 100 }, freePort))
  const output = execFileSync(process.execPath, ['--input-type=module', '-e', script])
  const theirs = JSON.parse(output.toString()) as number[]
  expect(new Set([...mine, ...theirs]).size).toBe(200)
})

it('gives no port that somebody listens on, and none of the range for outgoing connections', async () => {
  const taken = createServer().listen(await freePort(), '127.0.0.1')
  await once(taken, 'listening')
  onTestFinished(() => void taken.close())
  const ports = await Promise.all(Array.from({ length: 50 }, freePort))
  expect(ports).not.toContain((taken.address() as { port: number }).port)
  expect(Math.max(...ports)).toBeLessThan(32_768)
})
