import { expect, test } from 'vitest'
import type { SignInLockOut } from '../users/sign-in.ts'
import { createSignInLockOutLines } from './lock-out-line.ts'

const address = '192.0.2.7'
const user: SignInLockOut = { by: 'user', userId: 'ann', address, seconds: 60 }

/** Writes lock-outs at moments in seconds, and gives the lines. */
function linesOf(lockOuts: readonly (readonly [number, SignInLockOut])[]): readonly string[] {
  const lines: string[] = []
  let now = 0
  const write = createSignInLockOutLines(
    { warn: (facts, text) => void lines.push(`${JSON.stringify(facts)} ${text}`) },
    () => now * 1_000,
  )
  for (const [at, lockOut] of lockOuts) {
    now = at
    write(lockOut)
  }
  return lines
}

test('a line says who is locked out, from where and for how long', () => {
  expect(linesOf([[0, user]])).toEqual([
    '{"event":"locked_out","by":"user","userId":"ann","address":"192.0.2.7","seconds":60} ' +
      'too many failed sign-ins: the user at every address must wait for 60 s',
  ])
})

test.each<readonly [string, SignInLockOut, SignInLockOut, number]>([
  ['one user again', user, { ...user, address: '198.51.100.1' }, 1],
  ['two users', user, { ...user, userId: 'bob' }, 2],
  [
    'one user from two networks',
    { ...user, by: 'name_and_network' },
    { ...user, by: 'name_and_network', address: '198.51.100.1' },
    2,
  ],
  [
    'one IPv6 network',
    { ...user, by: 'network', address: '2001:db8::1' },
    { ...user, by: 'network', address: '2001:db8::2' },
    1,
  ],
  ['a user, and the same user at one address', user, { ...user, by: 'name_and_network' }, 2],
  [
    'names that nobody has',
    { ...user, by: 'name_and_network', userId: undefined },
    { ...user, userId: undefined },
    0,
  ],
])('%s: so many lines', (_, first, second, lines) => {
  const both = [
    [0, first],
    [1, second],
  ] as const
  expect(linesOf(both)).toHaveLength(lines)
})

test('a lock-out after the end of another has a line again', () => {
  const all = [0, 59, 60, 61].map((at) => [at, user] as const)
  expect(linesOf(all)).toHaveLength(2)
})

test('the line of a locked address names no user', () => {
  expect(linesOf([[0, { ...user, by: 'network' }]])[0]).not.toContain('ann')
})
