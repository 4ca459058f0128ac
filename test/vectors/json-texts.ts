import { readFileSync } from 'node:fs'

import { generateKey, parseStrictJson, verifyJwt } from '@countersign/jwt'

import { prepareSign } from '../../packages/jwt/src/jws/prepare-key.ts'
import { all, holds, runExamples, type Outcome } from './examples.ts'
import type { FileReport } from './verdict.ts'

interface JsonTexts {
  readonly cases: readonly {
    readonly name: string
    readonly expect: 'accept' | 'reject' | 'either' | 'transform'
    readonly b64: string
  }[]
}

const key = generateKey('HS256', { kid: 'k' })

/** Hostile and unusual JSON: alone, as the claims of a token with a right MAC, and as its header. */
export function runJsonTexts(file: string): FileReport {
  const { cases }: JsonTexts = JSON.parse(readFileSync(file, 'utf8'))
  const control = {
    id: 'control',
    run: () => holds(believed(header, claims), 'a good header and good claims make a valid token'),
  }
  const texts = cases.map(({ name, expect, b64 }) => {
    const bytes = Buffer.from(b64, 'base64')
    return { id: name, run: () => judge(bytes, expect) }
  })
  return runExamples('jsontestsuite.json', [control, ...texts])
}

function judge(bytes: Buffer, expected: JsonTexts['cases'][number]['expect']): Outcome {
  const parsed = parseStrictJson(bytes)
  const again = parseStrictJson(bytes)
  const tokens = [
    holds(!believed(header, bytes), 'as claims it makes no valid token'),
    holds(!believed(bytes, claims), 'as a header it makes no valid token'),
    holds(parsed.ok === again.ok, 'the answer is the same twice'),
  ]
  if (expected === 'reject') return all([holds(!parsed.ok, 'it is refused'), ...tokens])
  if (expected === 'accept' && !parsed.ok) {
    return all([
      ...tokens,
      { reason: `stricter than RFC 8259 on purpose: ${parsed.refusal.reason}` },
    ])
  }
  return all(tokens)
}

const header = Buffer.from('{"alg":"HS256","kid":"k","typ":"JWT"}')
const claims = Buffer.from('{"iss":"a","aud":"b","exp":4102444800}')

/** Whether a token of these two texts, under a right MAC, is accepted. */
function believed(head: Buffer, body: Buffer): boolean {
  const input = `${head.toString('base64url')}.${body.toString('base64url')}`
  const token = prepareSign(key)(input)
  const policy = {
    keys: key,
    issuer: 'a',
    audience: 'b',
    algorithms: ['HS256'],
    typ: 'JWT',
  } as const
  return verifyJwt(token, policy).ok
}
