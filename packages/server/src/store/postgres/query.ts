import type pg from 'pg'
import type { Param, Row } from '../port/verb.ts'

/** The result of one statement. */
export interface Answer {
  readonly command: string
  readonly rows: readonly Row[]
}

/** Sends one statement without waiting for earlier ones of the connection. Throws: errors of Postgres or the connection. */
export function query(
  client: pg.ClientBase,
  text: string,
  params: readonly Param[] = [],
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const values = params.map((param) => (param instanceof Uint8Array ? bufferOf(param) : param))
    client.query<Row>({ text, values }, (error: Error | null, answer) => {
      // By the types of pg there is always an error; without one it is null.
      if (error === null) resolve(answer)
      else reject(error)
    })
  })
}

/** Sends all messages of a function in one write. Why: a system call costs more than the bytes of a statement. */
export function inOneWrite<T>(client: pg.Client, send: () => T): T {
  const { stream } = client.connection
  stream.cork()
  try {
    return send()
  } finally {
    stream.uncork()
  }
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
