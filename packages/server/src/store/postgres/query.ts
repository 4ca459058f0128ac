import type pg from 'pg'
import type { Param, Row } from '../port/verb.ts'

/** What came back for one statement. */
export interface Answer {
  readonly command: string
  readonly rows: readonly Row[]
}

/** Sends one statement behind those that are on their way on a connection. Throws: what Postgres or the connection says. */
export function query(
  client: pg.ClientBase,
  text: string,
  params: readonly Param[] = [],
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const values = params.map((param) => (param instanceof Uint8Array ? bufferOf(param) : param))
    client.query<Row>({ text, values }, (error: Error | null, answer) => {
      // The types of pg promise an error; without one it is null.
      if (error === null) resolve(answer)
      else reject(error)
    })
  })
}

/** Lets everything that is sent meanwhile travel in one write, because a write costs more than what it carries. */
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
