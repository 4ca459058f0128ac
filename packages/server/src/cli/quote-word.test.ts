import { execFileSync } from 'node:child_process'
import { expect, it } from 'vitest'
import { quoteWord } from './quote-word.ts'

it.each(['shop', '', 'a b', "it's", '$HOME', '`id`', '"', 'a;b', 'a\nb', '*', '=ls', '%1', '~'])(
  'a shell reads %j as it is',
  (word) => {
    expect(execFileSync('sh', ['-c', `printf %s ${quoteWord(word)}`]).toString()).toBe(word)
  },
)
