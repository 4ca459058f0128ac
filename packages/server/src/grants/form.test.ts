import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formLimits, parseForm } from './form.ts'

const lists = new Set(['resource', 'audience'])
const bytes = (text: string) => Buffer.from(text, 'latin1')

describe('parseForm', () => {
  it('reads names and values', () => {
    const form = parseForm(bytes('grant_type=client_credentials&scope=a+b%20c&empty=&flag'))
    expect(form.ok && form.value.get('grant_type')).toBe('client_credentials')
    expect(form.ok && form.value.get('scope')).toBe('a b c')
    expect(form.ok && form.value.get('empty')).toBeUndefined()
    expect(form.ok && form.value.get('flag')).toBeUndefined()
  })

  it('keeps every resource and audience', () => {
    const form = parseForm(bytes('resource=https%3A%2F%2Fa&resource=https%3A%2F%2Fb&audience=c'))
    expect(form.ok && form.value.resources).toEqual(['https://a', 'https://b'])
    expect(form.ok && form.value.audiences).toEqual(['c'])
  })

  it('accepts a body at each limit', () => {
    const pairs = Array.from({ length: formLimits.parametersMax }, (_, at) => `p${at}=x`)
    expect(parseForm(bytes(pairs.join('&'))).ok).toBe(true)
    expect(parseForm(bytes(`a=${'x'.repeat(formLimits.valueLengthMax)}`)).ok).toBe(true)
  })

  it.each([
    ['the same name twice', 'scope=a&scope=a', 'parameter_repeated'],
    ['the same name twice, once encoded', 'scope=a&%73cope=b', 'parameter_repeated'],
    ['the same name twice, once empty', 'scope=&scope=a', 'parameter_repeated'],
    ['a percent sign alone', 'scope=%', 'form_malformed'],
    ['half a percent code', 'scope=%4', 'form_malformed'],
    ['no hexadecimal', 'scope=%zz', 'form_malformed'],
    ['overlong UTF-8', 'scope=%C0%AF', 'form_malformed'],
    ['a lone surrogate', 'scope=%ED%A0%80', 'form_malformed'],
    ['bytes outside ASCII', 'scope=\u00e9', 'form_malformed'],
    ['a space', 'scope=a b', 'form_malformed'],
    ['a line end', 'scope=a\r\n', 'form_malformed'],
    ['an encoded NUL', 'client_id=a%00b', 'form_malformed'],
    ['an encoded line end', 'client_id=a%0D%0Ab', 'form_malformed'],
    ['a control character in a name', 'a%07=b', 'form_malformed'],
    ['JSON', '{"grant_type":"client_credentials"} ', 'form_malformed'],
    ['a long name', `${'n'.repeat(65)}=x`, 'parameter_too_long'],
    ['a long value', `a=${'x'.repeat(formLimits.valueLengthMax + 1)}`, 'parameter_too_long'],
    ['too many pairs', 'a&'.repeat(formLimits.parametersMax), 'too_many_parameters'],
    ['a million pairs', '&'.repeat(1_000_000), 'too_many_parameters'],
  ])('refuses %s', (_, text, reason) => {
    const form = parseForm(bytes(text))
    expect(form.ok ? 'accepted' : form.refusal.reason).toBe(reason)
  })

  it('treats names of the prototype as names', () => {
    const form = parseForm(bytes('__proto__=x&constructor=y'))
    expect(form.ok && form.value.get('__proto__')).toBe('x')
    expect(form.ok && form.value.get('toString')).toBeUndefined()
  })

  it('reads back what URLSearchParams writes, and never throws', () => {
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.string({ minLength: 1, maxLength: 8 }),
          fc.string({ minLength: 1, unit: 'grapheme' }),
          { maxKeys: 20 },
        ),
        (fields) => {
          const form = parseForm(bytes(new URLSearchParams(fields).toString()))
          fc.pre(form.ok)
          const names = Object.keys(fields).filter((name) => !lists.has(name))
          expect(names.map((name) => form.value.get(name))).toEqual(
            names.map((name) => fields[name]),
          )
        },
      ),
    )
    expect(() =>
      fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (body) => void parseForm(body))),
    ).not.toThrow()
  })
})
