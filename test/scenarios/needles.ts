import type { EpochSeconds, Jwk } from '@countersign/jwt'
import { randomBytes } from 'node:crypto'
import { createSeals } from '../../packages/server/src/keys/seal.ts'
import { openStore } from '../../packages/server/src/store/open-store.ts'
import { openSession } from '../postgres/shared.ts'
import { randomId } from '../store/ids.ts'

/** A secret by name, in every form in which it may lie somewhere. */
export interface Needle {
  readonly name: string
  readonly forms: readonly Buffer[]
}

/** Bytes by name: a log, an answer, a table, a file. */
export interface Haystack {
  readonly name: string
  readonly bytes: Buffer
}

/** A secret that is text: as it is, and as a database or a dump may write its bytes. */
export function textNeedle(name: string, text: string): Needle {
  return needleOf(name, Buffer.from(text), [text])
}

/** A secret that is bytes: raw, and in the alphabets in which people write bytes. */
export function bytesNeedle(name: string, bytes: Uint8Array): Needle {
  return needleOf(name, Buffer.from(bytes), [])
}

function needleOf(name: string, bytes: Buffer, texts: readonly string[]): Needle {
  // Padding and line ends are left to whoever wrote it.
  const base64 = bytes.toString('base64').replaceAll('=', '')
  const written = [...texts, bytes.toString('hex'), base64, bytes.toString('base64url')]
  return { name, forms: [bytes, ...written.map((text) => Buffer.from(text))] }
}

/** Which secret lies where. */
export function search(needles: readonly Needle[], haystacks: readonly Haystack[]): string[] {
  return haystacks.flatMap((haystack) =>
    needles
      .filter(({ forms }) => forms.some((form) => haystack.bytes.includes(form)))
      .map(({ name }) => `${name} in ${haystack.name}`),
  )
}

/** The private part of every key of a database, and every secret of the server. */
export async function keyNeedles(database: string, sealingKey: Uint8Array): Promise<Needle[]> {
  const now = () => (Date.now() / 1000) as EpochSeconds
  const store = await openStore(database, { now, randomId })
  const records = await store.keys.list()
  await store.close()
  const seals = createSeals(sealingKey, randomBytes)
  return records.map((record) => {
    const plain = seals.open(record.sealed, record)
    if (record.purpose === 'server') return bytesNeedle(`the secret ${record.alg}`, plain)
    const { d = '', k = d }: Jwk = JSON.parse(Buffer.from(plain).toString())
    return bytesNeedle(`the ${record.alg} key ${record.kid}`, Buffer.from(k, 'base64url'))
  })
}

/** Every row of every table of a Postgres database, as text; bytes are written in hex. */
export async function dumpPostgres(url: string): Promise<Haystack[]> {
  const { sql, release } = await openSession(url)
  const tables = await sql(`select table_name from information_schema.tables
    where table_schema = current_schema() and table_type = 'BASE TABLE'`)
  const dumps: Haystack[] = []
  for (const { table_name: name } of tables) {
    const rows = await sql(`select one::text as line from "${String(name)}" as one`)
    const lines = rows.map(({ line }) => String(line)).join('\n')
    dumps.push({ name: `the table ${String(name)}`, bytes: Buffer.from(lines) })
  }
  await release()
  return dumps
}
