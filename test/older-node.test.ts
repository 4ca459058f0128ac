import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'

const root = join(import.meta.dirname, '..')

/** Makes a script see another version than the one it runs on. */
function pretend(version: string): string {
  const versions = `{ value: { ...process.versions, node: '${version}' } }`
  return `data:text/javascript,Object.defineProperty(process, 'versions', ${versions})`
}

const starters = [
  { name: 'the command line', script: 'packages/server/bin/countersign.js', args: ['version'] },
  { name: 'a tool', script: 'tools/run.js', args: ['check'] },
]
const tooOld = ['18.20.8', '20.20.2', '24.14.9']

test.each(starters.flatMap((starter) => tooOld.map((version) => ({ ...starter, version }))))(
  '$name on Node $version says one sentence and ends with 1',
  ({ script, args, version }) => {
    const options = ['--import', pretend(version), join(root, script), ...args]
    const { status, stdout, stderr } = spawnSync(process.execPath, options, { encoding: 'utf8' })
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' })
    expect(stderr).toMatch(/^[^\n]+needs Node 24\.15 or newer and found [\d.]+: [^\n]+\.\n$/u)
    expect(stderr).toContain(version)
  },
)

test('the command line of a workspace that was not built names the command that builds it', () => {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-unbuilt-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const { imports } = JSON.parse(readFileSync(join(root, 'packages/server/package.json'), 'utf8'))
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: 'module', imports }))
  cpSync(join(root, 'packages/server/bin'), join(folder, 'bin'), { recursive: true })
  const script = join(folder, 'bin', 'countersign.js')
  const { status, stderr } = spawnSync(process.execPath, [script, 'version'], { encoding: 'utf8' })
  expect(status).toBe(1)
  expect(stderr).toMatch(/^countersign is not built here: [^\n]+\n$/u)
})
