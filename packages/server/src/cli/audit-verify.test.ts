import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, it, onTestFinished, vi } from 'vitest'
import { startService } from '../main/service.ts'
import { processSystem } from '../main/system.ts'
import { main } from './main.ts'

const silent = { debug() {}, info() {}, warn() {}, error() {} }
const lifetimes = { idleTtlSeconds: 60, absoluteTtlSeconds: 60, repeatWindowSeconds: 30 }
const settings = {
  issuer: 'http://localhost:8000',
  listen: { hosts: ['127.0.0.1'], port: 0 },
  edge: {},
  oauth: { refresh: lifetimes, auditEach: false, trustedIssuers: [] },
}

it('a statement that was kept convicts an audit log that was emptied since', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-kept-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const database = join(folder, 'countersign.db')
  const sealingKey = randomBytes(32)
  vi.stubEnv('COUNTERSIGN_KEY_ENCRYPTION_KEY', sealingKey.toString('base64url'))
  onTestFinished(() => void vi.unstubAllEnvs())
  const verify = async (...more: readonly string[]) => {
    const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true)
    const code = await main(['audit', 'verify', '--json', '--data-dir', folder, ...more])
    const [told] = write.mock.calls.map(([text]) => JSON.parse(String(text)))
    write.mockRestore()
    return { code, report: told }
  }
  const service = await startService({ ...settings, database, sealingKey }, processSystem(), silent)
  const statement = await vi.waitFor(async () => {
    const { report } = await verify()
    expect(report.lastSealed.statement).toMatch(/^[^.]+\.[^.]+\.[^.]+$/u)
    return String(report.lastSealed.statement)
  }, 10_000)
  const print = vi.spyOn(process.stdout, 'write').mockReturnValue(true)
  await main(['audit', 'verify', '--data-dir', folder])
  const printed = print.mock.calls.map(([text]) => String(text)).join('')
  print.mockRestore()
  expect(printed).toMatch(/^lastSealed\.at +\d{4}-\d\d-\d\dT[\d:.]+Z$/mu)
  await service.stop()
  const out = join(folder, 'out.jwt')
  expect(await verify('--out', out)).toMatchObject({ code: 0, report: { intact: true } })
  expect(await verify('--kept', out, '--out', out)).toMatchObject({ code: 0 })
  expect(printed.split('\n')[0]).toBe('intact')
  expect(await verify('--out', join(folder, 'none', 'out.jwt'))).toMatchObject({ code: 1 })
  const kept = join(folder, 'kept.jwt')
  writeFileSync(kept, `${statement}\n`)
  expect(await verify('--kept', kept)).toMatchObject({ code: 0, report: { damages: [] } })
  const rival = new DatabaseSync(database)
  for (const table of ['audit', 'audit_segments', 'audit_tip']) rival.exec(`delete from ${table}`)
  rival.close()
  expect((await verify()).code).toBe(0)
  expect(await verify('--kept', kept)).toMatchObject({
    code: 1,
    report: { damages: [{ damage: 'truncated', segment: 0 }] },
  })
})
