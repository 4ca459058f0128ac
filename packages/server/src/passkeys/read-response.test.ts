import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readPasskeyName } from './passkey-name.ts'
import { readAssertion, readRegistration, responseLimits } from './read-response.ts'
import { mayBelongTo } from './relying-party.ts'

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
const clientData = { type: 'webauthn.get', challenge: 'AAAA', origin: 'https://id.example.com' }
const response = {
  clientDataJSON: encode(clientData),
  authenticatorData: 'AAAA',
  signature: 'AAAA',
  userHandle: 'AAAA',
}
const assertion = { id: 'AAAA', rawId: 'AAAA', type: 'public-key', response }

function asText(over: object, overResponse: object = {}): string {
  return JSON.stringify({ ...assertion, response: { ...response, ...overResponse }, ...over })
}

describe('a posted use', () => {
  it('is read with what matters, and the rest is ignored', () => {
    const text = asText(
      { authenticatorAttachment: 'platform', clientExtensionResults: { a: { b: true } }, x: 1 },
      { clientDataJSON: encode({ ...clientData, other_keys_can_be_added_here: 'yes' }), y: [] },
    )
    expect(readAssertion(text)).toMatchObject({
      ok: true,
      value: {
        credentialId: 'AAAA',
        clientData: { ...clientData, isCrossOrigin: false },
        authenticatorData: 'AAAA',
        signature: 'AAAA',
        userHandle: 'AAAA',
      },
    })
  })

  it.each([
    ['null', { userHandle: null }],
    ['absent', { userHandle: undefined }],
  ])('may have a user handle that is %s', (_, over) => {
    expect(readAssertion(asText({}, over))).toMatchObject({
      ok: true,
      value: { userHandle: undefined },
    })
  })

  it.each([
    ['no JSON', '{'],
    ['an array', '[]'],
    ['a member twice', asText({}).replace('"id"', '"type":"public-key","id"')],
    ['another id', asText({ rawId: 'AAAB' })],
    ['another type', asText({ type: 'password' })],
    ['an id with padding', asText({ id: 'AA==', rawId: 'AA==' })],
    ['an id that is no text', asText({ id: ['AAAA'], rawId: ['AAAA'] })],
    ['an empty id', asText({ id: '', rawId: '' })],
    ['a response that is none', asText({ response: 'AAAA' })],
    ['no signature', asText({}, { signature: undefined })],
    ['spare bits in a signature', asText({}, { signature: 'AB' })],
    ['an object as user handle', asText({}, { userHandle: {} })],
    ['client data that is no JSON', asText({}, { clientDataJSON: 'AAAA' })],
    ['client data without a challenge', asText({}, { clientDataJSON: encode({ type: 'a' }) })],
    [
      'client data with a member twice',
      asText(
        {},
        {
          clientDataJSON: Buffer.from(
            '{"type":"webauthn.get","challenge":"AAAA","origin":"https://evil.example","origin":"https://id.example.com"}',
          ).toString('base64url'),
        },
      ),
    ],
    ['a byte order mark', asText({}, { clientDataJSON: encode('\uFEFF{}') })],
    ['a long signature', asText({}, { signature: 'A'.repeat(1_368) })],
    ['a long text', `${' '.repeat(responseLimits.jsonBytesMax)}${asText({})}`],
    ['deep JSON', asText({ x: JSON.parse('[1]'.padStart(20, '[').padEnd(37, ']')) })],
  ])('with %s is malformed', (_, text) => {
    expect(readAssertion(text)).toEqual({ ok: false, refusal: { reason: 'response_malformed' } })
  })

  it.each([
    ['crossOrigin', { crossOrigin: true }],
    ['crossOrigin of another kind', { crossOrigin: 'yes' }],
    ['topOrigin', { topOrigin: 'https://evil.example' }],
  ])('shows a foreign frame by %s', (_, over) => {
    const text = asText({}, { clientDataJSON: encode({ ...clientData, ...over }) })
    expect(readAssertion(text)).toMatchObject({
      ok: true,
      value: { clientData: { isCrossOrigin: true } },
    })
  })
})

describe('any text', () => {
  const json = fc.json({ maxDepth: 4 })
  const nearly = fc
    .record({
      id: fc.constantFrom('AAAA', '', 'AA==', 7, null),
      type: fc.constantFrom('public-key', 'x'),
      response: fc.dictionary(
        fc.constantFrom(
          'clientDataJSON',
          'authenticatorData',
          'signature',
          'userHandle',
          'attestationObject',
          'transports',
        ),
        fc.oneof(fc.base64String(), fc.string(), fc.jsonValue(), fc.constant(encode(clientData))),
      ),
    })
    .map((value) => JSON.stringify({ ...value, rawId: value.id }))

  it('is read or refused, and what is read keeps the limits', () => {
    const faults: string[] = []
    fc.assert(
      fc.property(fc.oneof(fc.string(), json, nearly), (text) => {
        const [use, made] = [readAssertion(text), readRegistration(text)]
        if (use.ok && use.value.signature.length > 1_366) faults.push(text)
        const { transportsMax } = responseLimits
        if (made.ok && made.value.transports.length > transportsMax) faults.push(text)
      }),
      { numRuns: 500 },
    )
    expect(faults).toEqual([])
  })
})

describe('the name of a passkey', () => {
  it.each([
    ['  Work laptop ', 'Work laptop'],
    ['Cafe\u0301', 'Caf\u00E9'],
    ['a'.repeat(64), 'a'.repeat(64)],
    ['🔑'.repeat(64), '🔑'.repeat(64)],
  ])('%j is read as %j', (typed, name) => {
    expect(readPasskeyName(typed)).toBe(name)
  })

  it.each(['', '   ', 'a'.repeat(65), 'a\u0000b', 'a\nb', 'a\u0085b', '\uD800'])(
    '%j is none',
    (typed) => {
      expect(readPasskeyName(typed)).toBeUndefined()
    },
  )
})

describe('the domain of passkeys', () => {
  it.each([
    ['id.example.com', 'id.example.com', true],
    ['id.example.com', 'example.com', true],
    ['localhost', 'localhost', true],
    ['id.example.com', 'com', false],
    ['id.example.com', 'other.example.com', false],
    ['notexample.com', 'example.com', false],
    ['example.com', 'id.example.com', false],
  ])('of %s may be %s: %s', (host, domain, may) => {
    expect(mayBelongTo(host, domain)).toBe(may)
  })
})
