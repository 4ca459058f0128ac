// The limits of the service: a server that reads a form and does one primitive for it, nothing else.
import { createPrivateKey, createPublicKey, sign, verify } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { given } from '../jwt/material.ts'
import type { Material } from '../jwt/material.ts'

const { PORT, MATERIAL = '', WORK = 'sign', FOLDER = '.' } = process.env
const { privatePem, publicPem, tokens }: Material = JSON.parse(readFileSync(MATERIAL, 'utf8'))
const dsaEncoding = 'ieee-p1363' as const
const privateKey = { key: createPrivateKey(given(privatePem)), dsaEncoding }
const publicKey = { key: createPublicKey(given(publicPem)), dsaEncoding }
const [token = ''] = tokens
const input = token.slice(0, token.lastIndexOf('.'))

/** A body with a fresh token, as long as a real one. */
function signOne(): string {
  const signature = sign('sha256', Buffer.from(input), privateKey).toString('base64url')
  return `{"access_token":"${input}.${signature}","token_type":"Bearer","expires_in":600}`
}

function verifyOne(form: string): string {
  const end = form.lastIndexOf('.')
  const signed = Buffer.from(form.slice(form.indexOf('=') + 1, end), 'latin1')
  const proven = verify('sha256', signed, publicKey, Buffer.from(form.slice(end + 1), 'base64url'))
  return `{"active":${proven}}`
}

function committer(): () => void {
  const database = new DatabaseSync(join(FOLDER, 'commits.sqlite'))
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL')
  database.exec('CREATE TABLE family (id INTEGER PRIMARY KEY, generation INTEGER) STRICT')
  database.exec('INSERT INTO family VALUES (1, 0)')
  const update = database.prepare('UPDATE family SET generation = generation + 1 WHERE id = 1')
  return () => {
    update.run()
  }
}

const commit = WORK === 'commit' ? committer() : undefined
const works: Readonly<Record<string, (form: string) => string>> = {
  post: () => '{"active":true}',
  sign: signOne,
  verify: verifyOne,
  commit: () => {
    commit?.()
    return signOne()
  },
}
const work = works[WORK]
if (work === undefined) throw new RangeError(`there is no work called ${WORK}`)

createServer((request, response) => {
  let form = ''
  request.setEncoding('latin1')
  request.on('data', (chunk: string) => {
    form += chunk
  })
  request.on('end', () => {
    const body = request.method === 'POST' ? work(form) : 'ready'
    response.writeHead(200, {
      'content-type': 'application/json',
      'cache-control': 'no-store',
      'content-length': body.length,
    })
    response.end(body)
  })
}).listen(Number(PORT), '127.0.0.1')
