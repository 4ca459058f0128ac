import { readSync } from 'node:fs'
import { startFault } from '../config/start-fault.ts'

/** Units: bytes. */
const secretBytesMax = 8_192

/**
 * Reads a secret from standard input, without the line break at its end.
 * Throws: a start fault at a terminal, for text that is not UTF-8 and for too much of it.
 * Why not an argument: others on the machine can read the command lines of running programs.
 */
export function readSecret(isTerminal: boolean): string {
  if (isTerminal)
    throw startFault('The password comes from standard input: pipe it, or have one generated.')
  const bytes = Buffer.alloc(secretBytesMax + 1)
  let length = 0
  while (length < bytes.length) {
    const read = readPart(bytes, length)
    if (read === 0) break
    length += read
  }
  if (length > secretBytesMax) throw startFault('Standard input holds more than a password.')
  return withoutLineBreak(decodeSecret(bytes.subarray(0, length)))
}

function readPart(bytes: Buffer, offset: number): number {
  try {
    return readSync(0, bytes, offset, bytes.length - offset, null)
  } catch (fault) {
    // Windows reports the end of a pipe in this way.
    if (fault instanceof Error && 'code' in fault && fault.code === 'EOF') return 0
    throw fault
  }
}

function decodeSecret(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw startFault('Standard input is not UTF-8.')
  }
}

function withoutLineBreak(text: string): string {
  if (text.endsWith('\r\n')) return text.slice(0, -2)
  return text.endsWith('\n') ? text.slice(0, -1) : text
}
