import type { EpochSeconds } from '@countersign/jwt'
import { expect, test } from 'vitest'
import { judgeWantedProof, readWantedProof } from './wanted-proof.ts'

test.each([
  ['', { levels: [], maxAgeSeconds: undefined }],
  ['acr_values=2', { levels: ['2'], maxAgeSeconds: undefined }],
  ['acr_values=phr+2+1&max_age=300', { levels: ['1', '2'], maxAgeSeconds: 300 }],
  ['acr_values=3&max_age=-1', { levels: [], maxAgeSeconds: undefined }],
  ['max_age=1e3', { levels: [], maxAgeSeconds: undefined }],
  ['max_age=9999999999', { levels: [], maxAgeSeconds: undefined }],
])('the query %j asks for %j', (query, wanted) => {
  expect(readWantedProof(new URLSearchParams(query))).toEqual(wanted)
})

const now = 1_800_000_000 as EpochSeconds
const ago = (seconds: number) => (now - seconds) as EpochSeconds

test.each([
  { asks: 'nothing', query: '', acr: '1', age: 9_999, account: '1', is: 'enough' },
  { asks: 'level 1', query: 'acr_values=1', acr: '1', age: 9, account: '1', is: 'enough' },
  { asks: 'level 1', query: 'acr_values=1', acr: '2', age: 9, account: '2', is: 'enough' },
  { asks: 'level 2', query: 'acr_values=2', acr: '2', age: 9, account: '2', is: 'enough' },
  { asks: 'level 2', query: 'acr_values=2', acr: '1', age: 9, account: '2', is: 'confirm' },
  { asks: 'level 2', query: 'acr_values=2', acr: '1', age: 9, account: '1', is: 'second_factor' },
  { asks: 'any level', query: 'acr_values=1+2', acr: '1', age: 9, account: '2', is: 'enough' },
  { asks: '300 s', query: 'max_age=300', acr: '1', age: 300, account: '1', is: 'enough' },
  { asks: '300 s', query: 'max_age=300', acr: '1', age: 301, account: '1', is: 'confirm' },
  {
    asks: 'both',
    query: 'acr_values=2&max_age=300',
    acr: '2',
    age: 301,
    account: '2',
    is: 'confirm',
  },
] as const)('an app that asks for $asks of level $acr after $age s: $is', (row) => {
  const wanted = readWantedProof(new URLSearchParams(row.query))
  const session = { acr: row.acr, authTime: ago(row.age) }
  expect(judgeWantedProof(wanted, session, row.account, now)).toBe(row.is)
})
