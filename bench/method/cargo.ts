import { execFileSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { benchFolder } from './places.ts'

const source = join(benchFolder, 'peers', 'axum')
const target = join(benchFolder, 'node_modules', '.cache', 'axum')

/** Builds the tutorial's service in Rust, or returns the reason why this machine cannot. */
export function buildTutorial(): { readonly program: string } | { readonly missing: string } {
  try {
    mkdirSync(target, { recursive: true })
    execFileSync('cargo', ['build', '--release', '--locked', '--quiet'], {
      cwd: source,
      env: { ...process.env, CARGO_TARGET_DIR: target },
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    return { program: join(target, 'release', 'tutorial-service') }
  } catch (error) {
    const [why = ''] = (error instanceof Error ? error.message : String(error)).split('\n')
    return { missing: `the tutorial's service in Rust: it needs cargo and the crates (${why})` }
  }
}
