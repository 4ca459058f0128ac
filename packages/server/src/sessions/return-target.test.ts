import { expect, it } from 'vitest'
import { readReturnTarget } from './return-target.ts'

it.each([
  ['a tab', '/\tevil'],
  ['a line break', '/a\r\nset-cookie: b'],
  ['a space', '/ /evil'],
  ['a backslash', '/a\\b'],
  ['half a surrogate pair', '/\uD800'],
  ['two slashes', '//evil.example'],
  ['two slashes behind a dot', '/.//evil.example'],
  ['two slashes behind two dots', '/a/..//evil.example'],
  ['a scheme', 'https://evil.example'],
  ['nothing', ''],
  ['too many letters', `/${'a'.repeat(2_048)}`],
])('a target with %s is none', (_, target) => {
  expect(readReturnTarget(target)).toBeUndefined()
})

it.each([
  ['/', '/'],
  ['/orders?page=2#top', '/orders?page=2#top'],
  ['/orders?next=https://other.example', '/orders?next=https://other.example'],
  ['/a/../b', '/b'],
  ['/\u00e9', '/%C3%A9'],
  ['/%5c%5cevil.example', '/%5c%5cevil.example'],
])('%s is the target %s', (target, read) => {
  expect(readReturnTarget(target)).toBe(read)
})
