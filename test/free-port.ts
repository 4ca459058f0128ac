import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Below the range from which systems give ports to outgoing connections and to servers that ask for any port. */
const firstPort = 18_000
const portCount = 12_000
const triesMax = 200
const folder = join(tmpdir(), 'countersign-ports')
const reserved = new Set<number>()

/**
 * Gives a port of the loopback that stays this process's own until it ends.
 * Why: a port that was only free a moment ago is lost to a parallel test now and then. Each port here has a file that
 * one process holds, and no system gives it away by itself.
 */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < triesMax; tries += 1) {
    const port = firstPort + Math.floor(Math.random() * portCount)
    if (!reservePort(port)) continue
    if (await isFree(port)) return port
    releasePort(port)
  }
  throw new Error('no port is free for a test')
}

function reservePort(port: number): boolean {
  mkdirSync(folder, { recursive: true })
  for (let tries = 0; tries < 2; tries += 1) {
    try {
      writeFileSync(fileOf(port), String(process.pid), { flag: 'wx' })
      reserved.add(port)
      return true
    } catch {
      if (reserved.has(port) || isHeld(port)) return false
      // Its process has ended without removing it.
      rmSync(fileOf(port), { force: true })
    }
  }
  return false
}

function isHeld(port: number): boolean {
  try {
    const pid = Number(readFileSync(fileOf(port), 'utf8'))
    // A file without a number is being written.
    if (pid > 0) process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

function releasePort(port: number): void {
  reserved.delete(port)
  rmSync(fileOf(port), { force: true })
}

function fileOf(port: number): string {
  return join(folder, String(port))
}

process.on('exit', () => {
  for (const port of reserved) releasePort(port)
})

/** Whether both loopback addresses are free: a service of ours listens on both. */
async function isFree(port: number): Promise<boolean> {
  return (await canListen(port, '127.0.0.1')) && (await canListen(port, '::1'))
}

function canListen(port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', (error: NodeJS.ErrnoException) => resolve(error.code !== 'EADDRINUSE'))
    probe.listen(port, host, () => probe.close(() => resolve(true)))
  })
}
