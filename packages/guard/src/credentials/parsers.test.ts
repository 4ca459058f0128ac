import fc from 'fast-check'
import { expect, it } from 'vitest'
import { readCookie } from './cookie.ts'
import { readHeader } from './read.ts'

const name = '__Host-session'

it('readHeader returns the text after the scheme, or refuses; it never throws', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (value) => {
      const read = readHeader(value)
      const token = read?.ok === true ? read.value.token : ''
      expect(value.endsWith(token)).toBe(true)
    }),
  )
})

it('readHeader accepts every token without spaces and commas, under any casing of the scheme', () => {
  const token = fc
    .string({ minLength: 1 })
    .filter((text) => !text.includes(' ') && !text.includes(','))
  const scheme = fc.mixedCase(fc.constantFrom('bearer', 'dpop'))
  fc.assert(
    fc.property(scheme, token, (scheme, token) => {
      expect(readHeader(`${scheme} ${token}`)).toMatchObject({ ok: true, value: { token } })
    }),
  )
})

it('readCookie finds its cookie among any others, and notices a second one', () => {
  const other = fc
    .string({ maxLength: 20 })
    .filter((text) => !text.includes(name) && !text.includes(';'))
  const others = fc.array(other, { maxLength: 10 })
  const value = fc.string().filter((text) => !text.includes(';') && !/^[ \t]|[ \t]$/u.test(text))
  fc.assert(
    fc.property(others, value, others, (before, value, after) => {
      const cookie = `${name}=${value}`
      expect(readCookie([...before, ...after].join(';'), name)).toBeUndefined()
      expect(readCookie([...before, cookie, ...after].join('; '), name)).toEqual({ text: value })
      expect(readCookie([cookie, ...before, cookie].join(';'), name)).toBe('twice')
    }),
  )
})
