import { expect, it, test } from 'vitest'
import type { PostgresHost } from '../../config/postgres-address.ts'
import { faultOf } from './faults.ts'
import { createHosts } from './hosts.ts'

const a = { host: 'a', port: 1 }
const b = { host: 'b', port: 2 }
const readOnly = faultOf('read_only')
const refused = new Error('connection refused')

/** The answer of each server: a timeline, a failure, or silence. */
type Answers = Readonly<Record<string, number | Error | 'silent'>>

function hostsThat(answers: Answers) {
  const now = { ...answers }
  const asked: string[] = []
  const hosts = createHosts([a, b], async ({ host }: PostgresHost) => {
    asked.push(host)
    const answer = now[host]
    if (answer === 'silent') return await new Promise<never>(() => {})
    if (typeof answer === 'number') return answer
    throw answer ?? refused
  })
  return { hosts, now, asked }
}

test.each<{ name: string; answers: Answers; current: string }>([
  { name: 'the only one that takes writes', answers: { a: readOnly, b: 1 }, current: 'b' },
  { name: 'the first of two alike', answers: { a: 1, b: 1 }, current: 'a' },
  { name: 'the one promoted last of two that take writes', answers: { a: 1, b: 2 }, current: 'b' },
  { name: 'the one that answers', answers: { a: 'silent', b: 1 }, current: 'b' },
  { name: 'the one that is there', answers: { a: refused, b: 1 }, current: 'b' },
])('picks $name', async ({ answers, current }) => {
  const { hosts } = hostsThat(answers)
  expect(await hosts.seek()).toBe(current === 'a' ? 'same' : 'moved')
  expect(hosts.current().host).toBe(current)
})

it('keeps its server when another of the same timeline comes back', async () => {
  const { hosts, now } = hostsThat({ a: refused, b: 1 })
  await hosts.seek()
  now['a'] = 1
  expect(await hosts.seek()).toBe('same')
  expect(hosts.current().host).toBe('b')
})

test.each<{ name: string; answers: Answers; failure: Error }>([
  {
    name: 'the read-only fault, wherever it comes in the list',
    answers: { a: refused, b: readOnly },
    failure: readOnly,
  },
  {
    name: 'the failure of the first',
    answers: { a: refused, b: new Error('x') },
    failure: refused,
  },
])('throws $name when no server takes writes', async ({ answers, failure }) => {
  const { hosts } = hostsThat(answers)
  await expect(hosts.seek()).rejects.toBe(failure)
  expect(hosts.current().host).toBe('a')
})

it('searches once for all calls at a time, and again afterwards', async () => {
  const { hosts, asked } = hostsThat({ a: 1, b: readOnly })
  await Promise.all([hosts.seek(), hosts.seek(), hosts.seek()])
  expect(asked).toEqual(['a', 'b'])
  await hosts.seek()
  expect(asked).toEqual(['a', 'b', 'a', 'b'])
})

it('asks no server when there is only one', async () => {
  const hosts = createHosts([a], async () => {
    throw new Error('asked')
  })
  expect(await hosts.seek()).toBe('alone')
})
