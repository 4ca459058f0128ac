import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { AuditEvent } from '../../packages/server/src/audit/events.ts'
import { processSystem } from '../../packages/server/src/main/system.ts'
import { openStore } from '../../packages/server/src/store/open-store.ts'
import { typeLine, type TypedLine } from './type-line.ts'

const folder = mkdtempSync(join(tmpdir(), 'countersign-terminal-'))
const environment = {
  COUNTERSIGN_KEY_ENCRYPTION_KEY: randomBytes(32).toString('base64url'),
  COUNTERSIGN_DATA_DIR: folder,
  NO_COLOR: '1',
}
const type = (argv: readonly string[], more: TypedLine = {}) =>
  typeLine(argv, { environment, ...more })
const api = 'https://api.test'

beforeAll(async () => {
  await type(['resources', 'add', api, '--scope', 'read', '--new'])
  await type(['clients', 'add', 'shop', '--resource', api])
  await append(refusalOf('shop', 'wrong_secret'), refusalOf('mart', 'unknown_client'))
})
afterAll(() => rmSync(folder, { recursive: true }))

function refusalOf(clientId: string, reason: string): AuditEvent {
  const context = { requestId: 'r', address: '192.0.2.1', actor: `client:${clientId}` }
  return { event: 'client_refused', clientId, reason, count: 2, ...context }
}

/** Writes events as a running service does. */
async function append(...events: readonly AuditEvent[]): Promise<void> {
  const { now, randomId } = processSystem()
  const store = await openStore(join(folder, 'countersign.db'), { now, randomId })
  await store.audit.append(events)
  await store.close()
}

describe('lists', () => {
  it.each([
    [
      ['clients', 'list'],
      /^id +state +authenticates by +grants +resources +made$/u,
      /^shop +enabled +client_secret +client +https:\/\/api\.test +(?:now|\d+ s ago)$/u,
    ],
    [
      ['resources', 'list'],
      /^audience +scopes +alg +lifetime +client +encrypted +made$/u,
      /^https:\/\/api\.test +read +ES256 +600 s +- +no +(?:now|\d+ s ago)$/u,
    ],
    [
      ['keys', 'ls'],
      /^kid +state +alg +purpose +audience +announced +next step$/u,
      /^\S+ +active +ES256 +token +- +(?:now|\d+ s ago) +in 29 d$/u,
    ],
  ])('%j are tables with relative times', async (argv, head, row) => {
    const [first, ...rows] = (await type(argv)).stdout.trimEnd().split('\n')
    expect(first).toMatch(head)
    expect(
      rows.some((line) => row.test(line)),
      rows.join('\n'),
    ).toBe(true)
  })

  it('are blocks of lines where the terminal is narrow', async () => {
    const { stdout } = await type(['clients', 'list'], { isTerminal: true, columns: 40 })
    expect(stdout).toMatch(/^id +shop$/mu)
    expect(stdout.split('\n').filter((line) => line.length > 40)).toEqual([])
  })
})

describe('audit tail', () => {
  it('shows actor, address and reason', async () => {
    const { stdout } = await type([
      'audit',
      'tail',
      '--event',
      'client_refused',
      '--client',
      'shop',
    ])
    expect(stdout).toMatch(
      /^\d+ {2}\d{4}-\S+Z {2}client_refused {2}client:shop {2}192\.0\.2\.1 {2}clientId=shop {2}reason=wrong_secret {2}count=2\n$/u,
    )
  })

  it('finds wanted events behind many others', async () => {
    const { stdout } = await type(['audit', 'tail', '--limit', '1', '--event', 'resource_added'])
    expect(stdout).toContain(`audience=${api}`)
  })

  it('suggests the name of an event', async () => {
    const { code, stderr } = await type(['audit', 'tail', '--event', 'client_refusd'])
    expect([code, stderr]).toEqual([2, expect.stringContaining('Did you mean client_refused?')])
  })

  it('-f goes on with what is written, until it is stopped', async () => {
    const heard: string[] = []
    const { code } = await type(['audit', 'tail', '-f', '--client', 'shop'], {
      onText: (text) => {
        heard.push(text)
        if (text.includes('too_late')) process.emit('SIGINT', 'SIGINT')
        else if (heard.length === 1)
          void append(refusalOf('mart', 'not_shown'), refusalOf('shop', 'too_late'))
      },
    })
    expect(code).toBe(0)
    expect(heard.join('')).not.toContain('not_shown')
  })
})

describe('colours', () => {
  const failing = ['clients', 'show', 'nobody']
  const { NO_COLOR: _, ...colourful } = environment
  it.each([
    ['at a terminal', { environment: colourful, isTerminal: true }, true],
    ['with NO_COLOR', { isTerminal: true }, false],
    [
      'at a dumb terminal',
      { environment: { ...colourful, TERM: 'dumb' }, isTerminal: true },
      false,
    ],
    ['in a pipe', { environment: colourful }, false],
  ])('%s', async (_, more, isPainted) => {
    const { stderr } = await type(failing, more)
    const help = await type(['clients', '--help'], more)
    expect([stderr, help.stdout].map((text) => text.includes('\u001B['))).toEqual([
      isPainted,
      isPainted,
    ])
  })
})

it('a wait of more than a second shows a sign of life at a terminal, and removes it', async () => {
  const server = createServer((_, response) => {
    setTimeout(() => response.end('{"access_token":"t"}'), 1_300)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : 0
  const argv = ['token', '--client', 'shop', '--issuer', `http://127.0.0.1:${port}`]
  const secret = { ...environment, COUNTERSIGN_CLIENT_SECRET: 's' }
  const person = await type(argv, { environment: secret, isTerminal: true })
  const program = await type(argv, { environment: secret })
  server.close()
  expect(person.stderr).toBe('\rWorking: 1 s\r\u001B[K')
  expect([program.stdout, program.stderr]).toEqual(['t\n', ''])
})

describe('completion', () => {
  it.each([
    [['c'], 'clients consents config completion'],
    [['clients', 'r'], 'rotate-secret remove'],
    [['clients', 'add', 'shop', '--gr'], '--grants'],
    [['clients', 'add', 'shop', '--grants', 'j'], 'jwt-bearer'],
    [['revoke', 'i'], 'issuer'],
  ])('bash completes %j', async (words, expected) => {
    const { stdout } = await type(['completion', 'bash'])
    const typed = ['countersign', ...words].map((word) => `'${word}'`).join(' ')
    const script = `${stdout}\nCOMP_WORDS=(${typed}); COMP_CWORD=${words.length}; _countersign; echo "\${COMPREPLY[*]}"`
    expect(execFileSync('bash', ['-c', script], { encoding: 'utf8' }).trim()).toBe(expected)
  })

  it.each(['zsh', 'fish'])('%s knows each command', async (shell) => {
    const { stdout } = await type(['completion', shell])
    for (const word of ['clients', 'rotate-secret', 'new-kek', 'completion', 'private_key_jwt'])
      expect(stdout).toContain(word)
  })
})
