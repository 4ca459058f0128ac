import { randomBytes } from 'node:crypto'
import { expect, it } from 'vitest'
import { createMailSecrets } from './mail-secrets.ts'

const secrets = createMailSecrets({ secret: new Uint8Array(32), randomBytes })

it('makes codes of 8 signs that are read in any spelling', () => {
  for (let at = 0; at < 200; at += 1) {
    const { code, codeHash } = secrets.make()
    expect(code).toMatch(/^[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}$/)
    const spellings = [
      code,
      code.toLowerCase(),
      code.replace('-', ''),
      ` ${code.replace('-', ' ')} `,
    ]
    for (const typed of spellings) expect(secrets.codeHash(typed)).toBe(codeHash)
  }
})

it('takes the letters I, L and O for the digits that they look like', () => {
  expect(secrets.codeHash('il0o-0000')).toBe(secrets.codeHash('1100-0000'))
})

it.each([
  ['nothing', undefined],
  ['an empty text', ''],
  ['seven signs', '1234-567'],
  ['nine signs', '1234-56789'],
  ['a sign outside of the alphabet', '1234-567U'],
  ['a letter of another script', '1234-567\u0410'],
  ['a long text', '1'.repeat(1_000)],
])('%s is no code', (_, typed) => {
  expect(secrets.codeHash(typed)).toBeUndefined()
})

it('hashes only texts of the length of a secret', () => {
  const { flow, hash, link, linkHash } = secrets.make()
  expect([secrets.hashOf(flow), secrets.hashOf(link)]).toEqual([hash, linkHash])
  for (const text of [undefined, null, '', `${flow}x`]) expect(secrets.hashOf(text)).toBeUndefined()
})

it('makes another hash of a code under another secret of the server', () => {
  const other = createMailSecrets({ secret: new Uint8Array(32).fill(1), randomBytes })
  expect(other.codeHash('1234-5678')).not.toBe(secrets.codeHash('1234-5678'))
})
