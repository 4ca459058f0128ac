import { expect, it } from 'vitest'
import { createAddressOf } from './address.ts'

const rows = [
  {
    name: 'the socket where no proxy is listed',
    proxies: [],
    socket: '203.0.113.9',
    forwarded: '198.51.100.1',
    gives: '203.0.113.9',
  },
  {
    name: 'the socket where a stranger sends the header',
    proxies: ['10.0.0.0/8'],
    socket: '203.0.113.9',
    forwarded: '198.51.100.1',
    gives: '203.0.113.9',
  },
  {
    name: 'the address that a listed proxy reported',
    proxies: ['10.0.0.0/8'],
    socket: '10.1.2.3',
    forwarded: '198.51.100.1',
    gives: '198.51.100.1',
  },
  {
    name: 'the nearest that is no proxy, whatever stands before it',
    proxies: ['10.0.0.0/8'],
    socket: '::ffff:10.1.2.3',
    forwarded: '1.1.1.1, 198.51.100.1, 10.0.0.7',
    gives: '198.51.100.1',
  },
  {
    name: 'the proxy where the header is no address',
    proxies: ['10.1.2.3'],
    socket: '10.1.2.3',
    forwarded: 'unknown',
    gives: '10.1.2.3',
  },
  {
    name: 'an IPv6 client behind an IPv6 range',
    proxies: ['fd00::/8'],
    socket: 'fd00::1',
    forwarded: '2001:db8::7',
    gives: '2001:db8::7',
  },
  {
    name: 'an address with a port',
    proxies: ['10.1.2.3'],
    socket: '10.1.2.3',
    forwarded: '9.9.9.9:1234',
    gives: '9.9.9.9',
  },
  {
    name: 'an IPv6 address with a port',
    proxies: ['10.1.2.3'],
    socket: '10.1.2.3',
    forwarded: '[2001:db8::1]:80',
    gives: '2001:db8::1',
  },
  {
    name: 'an IPv4 address in IPv6, in capitals',
    proxies: ['10.1.2.3'],
    socket: '10.1.2.3',
    forwarded: '::FFFF:9.9.9.9',
    gives: '9.9.9.9',
  },
  {
    name: 'an IPv4 address in IPv6, in full',
    proxies: ['10.1.2.3'],
    socket: '10.1.2.3',
    forwarded: '[0:0:0:0:0:ffff:9.9.9.9]:80',
    gives: '9.9.9.9',
  },
  {
    name: 'an IPv4 address in IPv6, in hexadecimal digits',
    proxies: ['10.0.0.0/8'],
    socket: '10.1.2.3',
    forwarded: '9.9.9.9, ::ffff:a00:7',
    gives: '9.9.9.9',
  },
  {
    name: 'an IPv6 address that only looks like IPv4 in IPv6',
    proxies: ['10.1.2.3'],
    socket: '10.1.2.3',
    forwarded: '::ffff:7',
    gives: '::ffff:7',
  },
  {
    name: 'an IPv6 address in brackets',
    proxies: ['10.1.2.3'],
    socket: '10.1.2.3',
    forwarded: '[2001:db8::1]',
    gives: '2001:db8::1',
  },
  {
    name: 'a hop with a port that is a proxy, and the one before it',
    proxies: ['10.0.0.0/8'],
    socket: '10.1.2.3',
    forwarded: '9.9.9.9:1, 10.0.0.7:2',
    gives: '9.9.9.9',
  },
  {
    name: 'the proxy where the port is none',
    proxies: ['10.1.2.3'],
    socket: '10.1.2.3',
    forwarded: '9.9.9.9:99999',
    gives: '10.1.2.3',
  },
]

for (const { name, proxies, socket, forwarded, gives } of rows) {
  it(`takes ${name}`, () => {
    expect(createAddressOf(proxies)(socket, forwarded)).toBe(gives)
  })
}

it('refuses a proxy that is no address', () => {
  expect(() => createAddressOf(['proxy.example'])).toThrow('no address')
})
