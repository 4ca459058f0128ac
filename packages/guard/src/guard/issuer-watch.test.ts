import { describe, expect, it, test } from 'vitest'
import {
  explainIssuerChange,
  watchIssuer,
  type IssuerChange,
  type IssuerPart,
} from './issuer-watch.ts'

const issuer = 'https://id.example'
const refused = 'metadata: unreachable ECONNREFUSED'
type Report = readonly [at: number, part: IssuerPart, failure?: string]
const away = (part: IssuerPart, failure: string) => ({
  state: 'away',
  issuer,
  address: issuer,
  part,
  failure,
})
const back = (awaySeconds: number) => ({ state: 'back', issuer, awaySeconds })

describe('an issuer', () => {
  it.each<[string, readonly Report[], readonly object[]]>([
    [
      'that always answers causes no line',
      [
        [0, 'keys'],
        [300, 'keys'],
        [301, 'revocations'],
      ],
      [],
    ],
    ['that fails once causes one line', [[0, 'keys', refused]], [away('keys', refused)]],
    [
      'that fails often causes one line, also for another cause',
      [
        [0, 'keys', refused],
        [1, 'keys', refused],
        [3, 'keys', 'metadata: timed_out'],
      ],
      [away('keys', refused)],
    ],
    [
      'that fails in two parts is away once, and back when both answer',
      [
        [0, 'revocations', 'page: status 503'],
        [1, 'keys', refused],
        [40, 'revocations'],
        [44, 'keys'],
        [45, 'keys'],
      ],
      [away('revocations', 'page: status 503'), back(44)],
    ],
    [
      'that fails twice has two outages',
      [
        [0, 'keys', refused],
        [5, 'keys'],
        [60, 'keys', refused],
        [61, 'keys'],
      ],
      [away('keys', refused), back(5), away('keys', refused), back(1)],
    ],
  ])('%s', (_, reports, expected) => {
    const changes: IssuerChange[] = []
    let now = 0
    const report = watchIssuer(
      { issuer, address: issuer },
      (c) => changes.push(c),
      () => now,
    )
    for (const [at, part, failure] of reports) {
      now = at
      report(part, failure)
    }
    expect(changes).toEqual(expected)
  })
})

const keys = { state: 'away', issuer, address: issuer, part: 'keys' } as const
test.each<[IssuerChange, string]>([
  [
    { ...keys, failure: refused },
    'cannot reach the issuer https://id.example: metadata: unreachable ECONNREFUSED (docs/why-was-i-refused.md)',
  ],
  [
    { ...keys, address: 'http://id:8000', failure: 'keys: status_not_ok 503' },
    'cannot reach the issuer https://id.example at http://id:8000: keys: status_not_ok 503 (docs/why-was-i-refused.md)',
  ],
  [
    { ...keys, failure: 'keys: no_usable_key' },
    'cannot use the issuer https://id.example: keys: no_usable_key (docs/why-was-i-refused.md)',
  ],
  [
    { ...keys, part: 'revocations', failure: 'page: timed_out' },
    'cannot reach the issuer https://id.example: revocations: page: timed_out (docs/why-was-i-refused.md)',
  ],
  [
    { state: 'back', issuer, awaySeconds: 43.6 },
    'the issuer https://id.example is back after 44 s',
  ],
])('one line says what changed: %#', (change, line) => {
  expect(explainIssuerChange(change)).toBe(line)
})
