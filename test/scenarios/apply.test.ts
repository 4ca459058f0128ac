import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { places, type Place } from './places.ts'
import { aFolder } from './dev.ts'

const program = resolve(import.meta.dirname, '../../packages/server/bin/countersign.js')
const secret = `cs_${randomBytes(32).toString('base64url')}`
const records = {
  resources: [{ audience: 'https://api.test', scopes: ['read', 'write'], clientId: 'shop' }],
  clients: [
    { id: 'shop', access: [{ audience: 'https://api.test' }], secrets: ['file:shop.secret'] },
    {
      id: 'batch',
      roles: ['worker'],
      access: [{ audience: 'https://api.test', scopes: ['read'] }],
    },
  ],
}

// Each command is a process of its own.
describe.each(places)('apply and export on $name', { timeout: 90_000 }, ({ open }) => {
  let place: Place
  let folder: string
  let env: Readonly<Record<string, string>>
  beforeAll(async () => {
    place = await open()
    folder = aFolder()
    const key = randomBytes(32).toString('base64url')
    env = { COUNTERSIGN_KEY_ENCRYPTION_KEY: key, ...place.env }
    writeFileSync(join(folder, 'shop.secret'), `${secret}\n`)
    writeFileSync(join(folder, 'records.json'), JSON.stringify(records))
    if (place.env['DATABASE_URL'] !== undefined) await command(['migrate', '--new'])
  })
  afterAll(() => place.drop())

  const command = (args: readonly string[]) => place.command({ args, folder, env })
  const file = () => join(folder, 'records.json')

  test('a dry run shows the difference, then the file is applied once', async () => {
    const first = await command(['apply', file(), '--new'])
    expect(first.code, first.output).toBe(0)
    expect(first.output).toMatch(/^secret of batch \(shown once\) {2}cs_[\w-]{43}$/mu)
    expect(first.output).toContain('+ client batch\n')
    expect(first.output).toContain('    roles: worker\n')
    expect(first.output).not.toContain(secret)
    expect(await command(['apply', file()])).toEqual({ code: 0, output: 'Nothing to change.\n' })

    const [shop] = records.clients
    writeFileSync(file(), JSON.stringify({ ...records, clients: [shop] }))
    const dry = await command(['apply', file(), '--dry-run', '--prune'])
    expect(dry).toEqual({
      code: 0,
      output: '- client batch  (its tokens die)\nNothing was written.\n',
    })
    const kept = await command(['apply', file()])
    expect(kept.output).toBe('Nothing to change.\nNot in the file, and left alone: client batch.\n')
    expect((await command(['apply', file(), '--prune'])).code).toBe(0)
    expect((await command(['clients', 'show', 'batch'])).code).toBe(1)
  })

  test('export | apply - changes nothing', async () => {
    const line = ['exec', 'export', '|', 'exec', 'apply', '-', '--json']
      .map((word) =>
        word === 'exec'
          ? `"${process.execPath}" --conditions=countersign-source "${program}"`
          : word,
      )
      .join(' ')
    const output = await new Promise((done, fail) => {
      const options = {
        cwd: folder,
        env: { ...env, PATH: process.env['PATH'], COUNTERSIGN_DATA_DIR: join(folder, 'data') },
      }
      execFile('/bin/sh', ['-c', line], options, (error, stdout) =>
        error ? fail(error) : done(stdout),
      )
    })
    const report: unknown = JSON.parse(String(output))
    expect(report).toEqual({ written: true, changes: [], unlisted: { resources: [], clients: [] } })
  })

  test.each([
    { name: 'a missing file', text: undefined, says: 'none.json cannot be read' },
    { name: 'no JSON', text: '{', says: 'The file is no JSON' },
    {
      name: 'a comma too much',
      text: '{\n  "clients": [],\n}',
      says: 'The file is no JSON (json_syntax, line 3 column 1)',
    },
    {
      name: 'two faults',
      text: JSON.stringify({ clients: [{ id: 'a b' }, { id: 'x', secrets: ['file:missing'] }] }),
      says: 'clients[1] (x): The file missing cannot be read.',
    },
  ])('a file with a fault is named, and nothing is written: $name', async ({ text, says }) => {
    const path = join(folder, text === undefined ? 'none.json' : 'odd.json')
    if (text !== undefined) writeFileSync(path, text)
    const { code, output } = await command(['apply', path])
    expect(code).toBe(1)
    expect(output).toContain(says)
    expect((await command(['export'])).output).not.toContain('"x"')
  })
})
