import { expect, it } from 'vitest'
import { failureCode } from './failure-code.ts'

const coded = (code: unknown) => Object.assign(new Error('x'), { code })
const circle: { cause?: unknown } = {}
circle.cause = circle

it.each<[string, unknown, string | undefined]>([
  ['the error itself', coded('ECONNRESET'), 'ECONNRESET'],
  ['its cause', new TypeError('x', { cause: coded('ENOTFOUND') }), 'ENOTFOUND'],
  [
    'one of several attempts',
    new TypeError('x', { cause: new AggregateError([coded('ECONNREFUSED'), coded('B')]) }),
    'ECONNREFUSED',
  ],
  ['a number', coded(20), undefined],
  ['a text with a line break', coded('A\nB'), undefined],
  ['a text of a hundred letters', coded('A'.repeat(100)), undefined],
  ['an empty text', coded(''), undefined],
  ['a circle', circle, undefined],
  ['no error', 'ECONNRESET', undefined],
])('the code of a failure: %s', (_, fault, code) => {
  expect(failureCode(fault)).toBe(code)
})
