import { spawn, type ChildProcess } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { blocksOf } from '../docs/blocks.ts'
import { freePort } from '../free-port.ts'
import { compileNest } from './compile-nest.ts'

const here = import.meta.dirname
/** Below the installed frameworks, so that a program finds them. */
const folder = join(here, 'dist/pages')

/** Programs that run. They end with the tests, also where a hook ran out of time before it had one to close. */
const running = new Set<ChildProcess>()
process.on('exit', () => {
  for (const child of running) child.kill()
})

/** One program of a page: a fenced block with a file name. */
export interface PageProgram {
  readonly name: string
  readonly text: string
}

/** Finds the programs of a page of docs. */
export function programsOf(page: string): readonly PageProgram[] {
  return blocksOf(readFileSync(join(here, '../../docs', page), 'utf8'))
    .filter(({ word }) => /\.m?[jt]s$/u.test(word))
    .map(({ word, text }) => ({ name: word, text }))
}

/** Starts a program of a page with another issuer and another port than the page has. */
export async function startPageProgram(
  { name, text }: PageProgram,
  issuer: string,
): Promise<{ readonly origin: string; readonly close: () => void }> {
  const port = await freePort()
  const own = text
    .replaceAll('http://localhost:8000', issuer)
    .replaceAll('8001', String(port))
    .replaceAll("'localhost'", "'127.0.0.1'")
  const child = spawnProgram(saveProgram(name, own), {})
  await untilPrinted(child, 'listening')
  return { origin: `http://127.0.0.1:${port}`, close: () => child.kill() }
}

/** Runs a program of a page to its end, and returns its output. */
export async function runPageProgram(
  { name, text }: PageProgram,
  env: Readonly<Record<string, string>>,
): Promise<string> {
  return untilPrinted(spawnProgram(saveProgram(name, text), env), undefined)
}

function saveProgram(name: string, text: string): string {
  mkdirSync(folder, { recursive: true })
  const file = join(folder, name)
  writeFileSync(file, text)
  if (!name.endsWith('.ts')) return file
  compileNest(file)
  return file.replace(/\.ts$/u, '.js')
}

function spawnProgram(file: string, env: Readonly<Record<string, string>>): ChildProcess {
  const child = spawn(process.execPath, ['--conditions=countersign-source', file], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  running.add(child)
  child.once('close', () => running.delete(child))
  return child
}

/** Waits for a text in the output, or for the end where there is no text. Throws: if the program ends before. */
function untilPrinted(child: ChildProcess, awaited: string | undefined): Promise<string> {
  return new Promise((resolve, reject) => {
    let printed = ''
    let complained = ''
    child.stderr?.on('data', (chunk: Buffer) => (complained += chunk.toString()))
    child.stdout?.on('data', (chunk: Buffer) => {
      printed += chunk.toString()
      if (awaited !== undefined && printed.includes(awaited)) resolve(printed)
    })
    child.once('close', (code) => {
      if (awaited === undefined && code === 0) resolve(printed)
      else reject(new Error(`the program ended with ${code} after ${printed}${complained}`))
    })
  })
}
