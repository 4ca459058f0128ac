import { expect, it } from 'vitest'
import { objectToPlainHost } from './plain-http.ts'

it.each<[string, readonly string[], string]>([
  ['a private address', ['10.0.0.7'], 'no objection'],
  ['both addresses of this machine', ['127.0.0.1', '::1'], 'no objection'],
  ['a private IPv6 address', ['fd00::7'], 'no objection'],
  ['a public address', ['93.184.216.34'], 'the address 93.184.216.34'],
  ['a private and a public address', ['10.0.0.7', '93.184.216.34'], 'the address 93.184.216.34'],
  ['the address of a metadata service', ['169.254.169.254'], 'the address 169.254.169.254'],
  ['no address', [], 'has no address here'],
])('a host with %s: %s', async (_, addresses, says) => {
  const objection = await objectToPlainHost('countersign', async () => addresses)
  expect(objection ?? 'no objection').toContain(says)
})

it('a name that cannot be found is refused', async () => {
  const objection = await objectToPlainHost('countersign', () => Promise.reject(new Error('DNS')))
  expect(objection).toContain('has no address here')
})

it.each(['localhost', '127.0.0.1', '[::1]'])('%s is on this machine', async (host) => {
  expect(await objectToPlainHost(host)).toBeUndefined()
})
