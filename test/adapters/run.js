import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

// Installs the real frameworks once, checks the types of apps and examples against them, runs the tests.
// Ends with `N passed, N failed`.
const here = import.meta.dirname
const report = mkdtempSync(join(tmpdir(), 'countersign-adapters-'))

function run(command, args) {
  const { status } = spawnSync(command, args, {
    cwd: here,
    stdio: 'inherit',
    env: { ...process.env, NO_COLOR: '1' },
  })
  return status === 0
}

function fail() {
  console.log('0 passed, 1 failed')
  process.exit(1)
}

const bin = (name) => join(here, '../../node_modules/.bin', name)
if (!existsSync(join(here, 'node_modules')) && !run('npm', ['ci', '--ignore-scripts', '--silent']))
  fail()
// The copies are next to the installed frameworks, because the folder of the examples has none.
rmSync(join(here, 'dist'), { recursive: true, force: true })
cpSync(join(here, '../../examples'), join(here, 'dist/examples'), {
  recursive: true,
  filter: (path) =>
    !/node_modules|dist$|tsconfig/u.test(path.slice(join(here, '../../examples').length)),
})
if (!run(bin('tsc'), ['-p', here])) fail()
const output = join(report, 'report.json')
const passed = run(bin('vitest'), [
  'run',
  '--config',
  join(here, 'vitest.config.ts'),
  '--reporter=dot',
  '--reporter=json',
  `--outputFile.json=${output}`,
])
const { numPassedTests, numFailedTests } = JSON.parse(readFileSync(output, 'utf8'))
rmSync(report, { recursive: true })
console.log(`${numPassedTests} passed, ${numFailedTests} failed`)
process.exit(passed ? 0 : 1)
