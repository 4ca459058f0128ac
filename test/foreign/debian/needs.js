import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

const pinned = readFileSync(new URL('packages.txt', import.meta.url), 'utf8')
const versions = new Map(pinned.split('\n').map((line) => line.split(' ')))

/** Runs the rows if these packages are installed in their pinned versions. Otherwise prints the obstacle. */
export async function needs(packages, run) {
  const obstacle = packages.map(obstacleOf).find((text) => text !== undefined)
  if (obstacle === undefined) await run()
  else console.log(`unable\t${obstacle}`)
}

function obstacleOf(name) {
  const words = ['-W', '-f', `\${db:Status-Status} \${Version}`, name]
  const { status, stdout } = spawnSync('dpkg-query', words, { encoding: 'utf8' })
  const [state, version = ''] = status === 0 ? stdout.split(' ') : []
  if (state !== 'installed') return `the Debian package ${name} is not installed`
  const wanted = versions.get(name)
  return version.startsWith(wanted) ? undefined : `${name} is ${version}, not ${wanted}`
}
