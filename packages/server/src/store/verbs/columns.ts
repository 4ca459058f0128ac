import type { EpochSeconds } from '@countersign/jwt'
import type { Row } from '../port/verb.ts'

/** Reads a text column. Throws: when the column holds no text (our bug). */
export function text(row: Row, name: string): string {
  const value = row[name]
  if (typeof value !== 'string') throw new TypeError(`column ${name} is no text`)
  return value
}

/** Reads a text column that may be null. */
export function textOrNull(row: Row, name: string): string | null {
  return row[name] === null ? null : text(row, name)
}

/** Reads a number column. Throws: when the column holds no number (our bug). */
export function number(row: Row, name: string): number {
  const value = row[name]
  if (typeof value !== 'number') throw new TypeError(`column ${name} is no number`)
  return value
}

/** Reads a moment. */
export function moment(row: Row, name: string): EpochSeconds {
  return number(row, name) as EpochSeconds
}

/** Reads a moment that may be null. */
export function momentOrNull(row: Row, name: string): EpochSeconds | null {
  return row[name] === null ? null : moment(row, name)
}

/** Reads a boolean that is kept as 0 or 1. */
export function truth(row: Row, name: string): boolean {
  return number(row, name) === 1
}

/** Reads a column of bytes. Throws: when the column holds no bytes (our bug). */
export function bytes(row: Row, name: string): Uint8Array {
  const value = row[name]
  if (!(value instanceof Uint8Array)) throw new TypeError(`column ${name} holds no bytes`)
  // Some drivers give a Buffer, which tests do not find equal to a Uint8Array.
  return new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
}

/** Reads a column of bytes that may be null. */
export function bytesOrNull(row: Row, name: string): Uint8Array | null {
  return row[name] === null ? null : bytes(row, name)
}
