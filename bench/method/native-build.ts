import { execFileSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { benchFolder } from './places.ts'

/** A program of another language that was built, or the reason why it is not there. */
export type NativeBuild = { readonly program: string } | { readonly missing: string }

/** The tutorial's service in Rust. */
export function buildTutorial(): NativeBuild {
  return buildRust(join('peers', 'axum'), 'tutorial-service', "the tutorial's service in Rust")
}

/** The verifier of the `jsonwebtoken` crate. */
export function buildRustVerifier(): NativeBuild {
  return buildRust(join('peers', 'jwt', 'rust'), 'jwt-verify', 'the jsonwebtoken crate')
}

/** The verifier of the `golang-jwt` module. */
export function buildGoVerifier(): NativeBuild {
  const program = join(cacheFor('golang-jwt'), 'jwt-verify')
  const source = join(benchFolder, 'peers', 'jwt', 'go')
  return build('golang-jwt: it needs go and its module', program, () =>
    execFileSync('go', ['build', '-trimpath', '-mod=readonly', '-o', program, '.'], {
      cwd: source,
      stdio: ['ignore', 'ignore', 'pipe'],
    }),
  )
}

function buildRust(folder: string, name: string, what: string): NativeBuild {
  const target = cacheFor(name === 'tutorial-service' ? 'axum' : name)
  return build(`${what}: it needs cargo and the crates`, join(target, 'release', name), () =>
    execFileSync('cargo', ['build', '--release', '--locked', '--quiet'], {
      cwd: join(benchFolder, folder),
      env: { ...process.env, CARGO_TARGET_DIR: target },
      stdio: ['ignore', 'ignore', 'pipe'],
    }),
  )
}

function build(lacking: string, program: string, make: () => void): NativeBuild {
  try {
    make()
    return { program }
  } catch (error) {
    const [why = ''] = (error instanceof Error ? error.message : String(error)).split('\n')
    return { missing: `${lacking} (${why})` }
  }
}

function cacheFor(name: string): string {
  const folder = join(benchFolder, 'node_modules', '.cache', name)
  mkdirSync(folder, { recursive: true })
  return folder
}
