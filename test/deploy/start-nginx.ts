import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * Starts nginx with one server block. All its files are in the given folder.
 * Throws: with what nginx says, where it refuses the configuration.
 * Not checked: whether it listens yet.
 */
export function startNginx(folder: string, server: string): ChildProcess {
  const places = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${folder}/${name};`,
  )
  const file = join(folder, 'nginx.conf')
  writeFileSync(
    file,
    `daemon off; pid ${folder}/pid; error_log ${folder}/log; events {}
http { access_log off; ${places.join(' ')}\n${server}\n}`,
  )
  const tried = spawnSync('nginx', ['-t', '-p', folder, '-c', file], { encoding: 'utf8' })
  if (tried.status !== 0) throw new Error(tried.stderr)
  return spawn('nginx', ['-p', folder, '-c', file], { stdio: 'ignore' })
}
