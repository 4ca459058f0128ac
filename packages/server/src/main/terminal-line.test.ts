import { expect, it } from 'vitest'
import type { LogFacts } from '../http/log.ts'
import { renderLine } from './terminal-line.ts'

const time = new Date(2026, 0, 2, 3, 4, 5)
const ago = (ms: number) => new Date(time.getTime() - ms).toISOString()

it.each<[string, LogFacts, string, string]>([
  ['facts as name=value', { client: 'shop', ms: 3 }, 'POST 200', 'POST 200 client=shop ms=3'],
  ['quotes around spaces', { reason: 'two words' }, 'm', 'm reason="two words"'],
  ['nothing for what is absent', { a: undefined, b: null, c: 0 }, 'm', 'm c=0'],
  ['no stack', { fault: 'Error', stack: 'at x' }, 'm', 'm fault=Error'],
  ['no moment that is the present', { at: ago(59_000) }, 'm', 'm'],
  ['the moment of an act that was done earlier', { at: ago(61_000) }, 'm', `m at=${ago(61_000)}`],
  ['no name of the event', { event: 'a_b', kid: 'k' }, 'a b', 'a b kid=k'],
  ['no control characters', { client: 'a\n\u001b[2Jb' }, 'm\u0007', 'm? client=a??[2Jb'],
])('renders %s', (_, facts, message, rest) => {
  expect(renderLine(time, 'info', facts, message)).toBe(`03:04:05 info  ${rest}\n`)
})
