import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { settings } from '../../packages/server/src/config/settings.ts'

const root = join(import.meta.dirname, '..', '..')
const folder = join(root, 'deploy')
const read = (name: string): string => readFileSync(join(folder, name), 'utf8')
const isThere = (program: string, ...args: readonly string[]): boolean =>
  spawnSync(program, args).status === 0

/**
 * Variables for the commands that the unit and the documents run, which are no settings of the service.
 */
const others = ['COUNTERSIGN_NEW_KEY_ENCRYPTION_KEY', 'COUNTERSIGN_CLIENT_SECRET']

test.each([
  ...readdirSync(folder).map((name) => `deploy/${name}`),
  'docs/production.md',
  'docs/several-nodes.md',
])('%s names only settings that there are', (path) => {
  const known = new Set(
    [...settings.map(({ environment }) => environment), ...others].flatMap((name) => [
      name,
      `${name}_FILE`,
    ]),
  )
  const text = readFileSync(join(root, path), 'utf8')
  // Prose names all of them `COUNTERSIGN_…`.
  const named = [...text.matchAll(/\b(?:COUNTERSIGN_[A-Z]|DATABASE_(?:URL|LISTEN))[A-Z_]*/gu)]
  expect(named.map(([name]) => name).filter((name) => !known.has(name))).toEqual([])
})

test('systemd accepts the unit', () => {
  if (!isThere('systemd-analyze', '--version'))
    return console.log('note: no systemd-analyze here, so the unit of deploy/ was not verified')
  const scratch = mkdtempSync(join(tmpdir(), 'countersign-unit-'))
  onTestFinished(() => rmSync(scratch, { recursive: true, force: true }))
  const file = join(scratch, 'countersign.service')
  // The program is not installed here. The rest of the unit is unchanged.
  const unit = read('countersign.service')
  const command = '/opt/countersign/node_modules/.bin/countersign'
  expect(unit).toContain(`ExecStart=${command} serve`)
  writeFileSync(file, unit.replace(command, '/bin/true'))
  const { stderr } = spawnSync('systemd-analyze', ['verify', file], { encoding: 'utf8' })
  expect(stderr.split('\n').filter((line) => line.includes('countersign.service'))).toEqual([])
})

test('the compose file has at most twenty lines, and compose accepts it', () => {
  expect(read('compose.yaml').trim().split('\n').length).toBeLessThanOrEqual(20)
  if (!isThere('docker', 'compose', 'version'))
    return console.log('note: no docker compose here, so deploy/compose.yaml was not parsed')
  const env = {
    ...process.env,
    DATABASE_PASSWORD: 'p',
    COUNTERSIGN_ISSUER: 'https://id.example.com',
    KEK_FILE: join(folder, 'compose.yaml'),
  }
  const args = ['compose', '-f', join(folder, 'compose.yaml'), 'config', '--quiet']
  const { status, stderr } = spawnSync('docker', args, { encoding: 'utf8', env })
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
})

test('the image runs as an unprivileged user, and its last stage copies the installed files', () => {
  const stages = read('Dockerfile')
    .split(/^FROM /mu)
    .slice(1)
  expect(stages).toHaveLength(3)
  const last = stages.at(-1) ?? ''
  expect(last).toMatch(/^USER 65532:65532$/mu)
  expect(last).toMatch(/^VOLUME \/var\/lib\/countersign$/mu)
  expect(last).toContain('HEALTHCHECK')
  expect(last).toContain('packages/server/bin/countersign.js')
  expect(read('Dockerfile')).not.toMatch(/\b(?:KEY|SECRET|PASSWORD)=/u)
})
