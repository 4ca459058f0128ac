import { describe, expect, test } from 'vitest'

import { readTheme } from './theme.ts'

describe('a theme', () => {
  test('is rebuilt from its lines', () => {
    const text = `/* Amber. */
      --accent: light-dark(#7a3b00, #ffb066);

      --radius: 2px;
    `
    expect(readTheme(text)).toEqual({
      ok: true,
      value: ':root{--accent:light-dark(#7a3b00, #ffb066);--radius:2px;}',
    })
  })

  test('may be empty', () => {
    expect(readTheme('\n')).toEqual({ ok: true, value: '' })
  })

  test.each([
    { name: 'an unknown property', line: '--target: 2px;' },
    { name: 'a property of all objects', line: 'constructor: #fff;' },
    { name: 'a rule', line: ':root { --accent: #fff; }' },
    { name: 'an address', line: '--accent: url(https://other.example/x);' },
    { name: 'a second declaration', line: '--accent: #fff; --page: #fff;' },
    { name: 'an end of the style sheet', line: '--accent: #fff</style><script>;' },
    { name: 'a colour by name', line: '--accent: red;' },
    { name: 'a colour of five digits', line: '--accent: #12345;' },
    { name: 'three colours', line: '--accent: light-dark(#fff, #000, #fff);' },
    { name: 'a length as a colour', line: '--accent: 2px;' },
    { name: 'a colour as a length', line: '--radius: #fff;' },
    { name: 'a length in another unit', line: '--radius: 100vw;' },
    { name: 'a length of two points', line: '--radius: 1.2.3px;' },
    { name: 'a length without digits', line: '--radius: px;' },
    { name: 'a line without its end', line: '--accent: #fff' },
    { name: 'an import', line: '@import "x";' },
    { name: 'a comment with more behind it', line: '/* */ body{} /* */' },
  ])('refuses $name with the number of the line', ({ line }) => {
    expect(readTheme(`--page: #fff;\n${line}`)).toMatchObject({
      ok: false,
      refusal: { detail: expect.stringContaining('Line 2 of the theme is not') },
    })
  })

  test.each([
    { name: '21 lines', text: '--page: #fff;\n'.repeat(21), has: 'more than 20 lines' },
    { name: '5000 letters', text: ' '.repeat(5000), has: 'longer than 4096' },
  ])('refuses $name', ({ text, has }) => {
    expect(readTheme(text)).toMatchObject({
      ok: false,
      refusal: { detail: expect.stringContaining(has) },
    })
  })
})
