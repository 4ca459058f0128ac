import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { intersectAccess, parseScope, scopeLimits, selectAccess } from './select-access.ts'

const granted = [
  { audience: 'https://orders.example', scopes: ['orders:read', 'orders:write'] },
  { audience: 'https://billing.example', scopes: ['billing:read'] },
]

describe('selectAccess', () => {
  it.each([
    ['nothing asked gives all of the default resource', [], undefined, granted[0]],
    ['a resource picks its audience', ['https://billing.example'], undefined, granted[1]],
    ['a scope narrows', [], 'orders:read', { ...granted[0], scopes: ['orders:read'] }],
    [
      'a scope named twice is one',
      [],
      'orders:read orders:read',
      { ...granted[0], scopes: ['orders:read'] },
    ],
  ] as const)('%s', (_, resources, scope, access) => {
    expect(selectAccess(granted, { resources, scope })).toEqual({ ok: true, value: access })
  })

  it.each([
    [
      'two resources',
      ['https://orders.example', 'https://billing.example'],
      undefined,
      'resource_repeated',
    ],
    [
      'the same resource twice',
      ['https://orders.example', 'https://orders.example'],
      undefined,
      'resource_repeated',
    ],
    ['a resource nobody gave', ['https://other.example'], undefined, 'resource_not_allowed'],
    [
      'a resource with a slash added',
      ['https://orders.example/'],
      undefined,
      'resource_not_allowed',
    ],
    ['a resource in capitals', ['HTTPS://ORDERS.EXAMPLE'], undefined, 'resource_not_allowed'],
    ['a resource with a fragment', ['https://orders.example#x'], undefined, 'resource_not_allowed'],
    ['a scope of the other audience', [], 'billing:read', 'scope_not_allowed'],
    ['a scope never given', [], 'admin', 'scope_not_allowed'],
    ['a scope in capitals (B21)', [], 'ORDERS:READ', 'scope_not_allowed'],
    ['a longer scope (B21)', [], 'orders:reads', 'scope_not_allowed'],
    ['a double space (B21)', [], 'orders:read  orders:write', 'scope_malformed'],
    ['a tab (B21)', [], 'orders:read\torders:write', 'scope_malformed'],
    ['a no-break space (B21)', [], 'orders:read\u00a0orders:write', 'scope_malformed'],
    ['a quotation mark', [], 'orders"read', 'scope_malformed'],
    ['a backslash', [], 'orders\\read', 'scope_malformed'],
    ['a leading space', [], ' orders:read', 'scope_malformed'],
    ['a trailing space', [], 'orders:read ', 'scope_malformed'],
    ['too many scopes', [], 'a '.repeat(scopeLimits.scopesMax).concat('a'), 'scope_malformed'],
    ['a long scope', [], 'a'.repeat(scopeLimits.scopeLengthMax + 1), 'scope_malformed'],
  ] as const)('refuses %s', (_, resources, scope, reason) => {
    const result = selectAccess(granted, { resources, scope })
    expect(result.ok ? 'granted' : result.refusal.reason).toBe(reason)
  })

  it('refuses a client without any resource', () => {
    const result = selectAccess([], { resources: [], scope: undefined })
    expect(result.ok ? 'granted' : result.refusal.reason).toBe('resource_not_allowed')
  })

  it('only ever narrows', () => {
    const word = fc.constantFrom('orders:read', 'orders:write', 'billing:read', 'admin', '')
    fc.assert(
      fc.property(fc.array(word, { maxLength: 5 }), (words) => {
        const result = selectAccess(granted, { resources: [], scope: words.join(' ') })
        const given = result.ok ? result.value.scopes : []
        expect(granted[0]?.scopes).toEqual(expect.arrayContaining([...given]))
      }),
    )
  })
})

describe('intersectAccess', () => {
  it('drops what the client has lost since', () => {
    expect(
      intersectAccess(granted, [
        { audience: 'https://orders.example', scopes: ['orders:read', 'new'] },
      ]),
    ).toEqual([{ audience: 'https://orders.example', scopes: ['orders:read'] }])
  })
})

describe('parseScope', () => {
  it('reads back each list of words that it accepts', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 60 }), (text) => {
        const scopes = parseScope(text)
        expect(new Set(scopes ?? text.split(' '))).toEqual(new Set(text.split(' ')))
      }),
    )
  })
})
