import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  describeFetchRefusal,
  fetchDocument,
  isAllowedAddress,
  type FetchLimits,
} from './fetch-document.ts'

/** A certificate that signs itself, and its key, for tests. */
const certificatePem = `-----BEGIN CERTIFICATE-----
MIIBdDCCARugAwIBAgIUJIFT7VLHDiyjuVa3qmcr5mR8aagwCgYIKoZIzj0EAwIw
DzENMAsGA1UEAwwEdGVzdDAgFw0yNjExMjMyMTU4NTFaGA8yMTI2MTAzMDIxNTg1
MVowDzENMAsGA1UEAwwEdGVzdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABKwB
ed08et4NcVATKM16CmM3oLHb+ocYILWlUZZIHCqWhX5eX9vbuYj+pttnuzwv3wbO
/nQ32an655BZA+yk9CCjUzBRMB0GA1UdDgQWBBTfgmfh/njksqaCiYNWOZnXom/j
IjAfBgNVHSMEGDAWgBTfgmfh/njksqaCiYNWOZnXom/jIjAPBgNVHRMBAf8EBTAD
AQH/MAoGCCqGSM49BAMCA0cAMEQCIFtW7BXfYKpc8oV0xA/kuHm7rM9L1nfqho0k
PcR11DWxAiB05BC6a0RflW/pWR2jyllY/YZU6YQjmQtFYdvQ9z4yUA==
-----END CERTIFICATE-----
`
const certificatePrivatePem = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgZTKY6gfm6IjvpQmT
CeWbn0DunswAvfJoIEQOEZUDRXahRANCAASsAXndPHreDXFQEyjNegpjN6Cx2/qH
GCC1pVGWSBwqloV+Xl/b27mI/qbbZ7s8L98Gzv50N9mp+ueQWQPspPQg
-----END PRIVATE KEY-----
`

describe('an address that may be fetched (G14)', () => {
  const rows: readonly (readonly [address: string, allowed: boolean])[] = [
    ['https://issuer.example/jwks', true],
    ['https://issuer.example:8443/jwks', true],
    ['http://localhost:8000/jwks', true],
    ['http://127.0.0.1/jwks', true],
    ['http://127.1.2.3/jwks', true],
    ['http://[::1]:8000/jwks', true],
    ['http://issuer.example/jwks', false],
    ['http://localhost.evil.example/jwks', false],
    ['http://127.0.0.1.evil.example/jwks', false],
    ['http://169.254.169.254/latest', false],
    ['http://0/jwks', false],
    ['http://[::ffff:127.0.0.1]/jwks', false],
    ['http://10.0.0.1/jwks', false],
    ['https://user:password@issuer.example/jwks', false],
    ['https://issuer.example/jwks#x', false],
    ['file:///etc/passwd', false],
    ['ftp://issuer.example/jwks', false],
    ['data:application/json,{}', false],
    ['javascript:alert(1)', false],
    ['//issuer.example/jwks', false],
    ['issuer.example', false],
    ['', false],
  ]
  it.each(rows)('%s: %s', (address, allowed) => {
    expect(isAllowedAddress(address)).toBe(allowed)
  })
})

describe('a document', () => {
  const answers: Readonly<Record<string, RequestListener>> = {
    '/good': (_request, response) =>
      void response.setHeader('cache-control', 'public, max-age=60').end('{"a":1}'),
    '/redirect': (_request, response) =>
      void response.writeHead(302, { location: '/target' }).end(),
    '/target': (_request, response) => void response.end('{"a":1}'),
    '/twice': (_request, response) => void response.end('{"a":1,"a":2}'),
    '/mark': (_request, response) => void response.end('\ufeff{"a":1}'),
    '/deep': (_request, response) => void response.end(`${'{"a":'.repeat(40)}1${'}'.repeat(40)}`),
    '/half': (request) => void request.socket.destroy(),
    '/empty': (_request, response) => void response.end(),
    '/html': (_request, response) => void response.end('<html>'),
    '/list': (_request, response) => void response.end('[1]'),
    '/null': (_request, response) => void response.end('null'),
    '/bytes': (_request, response) => void response.end(Buffer.from([0x7b, 0xff, 0x7d])),
    '/big': (_request, response) => void response.end(`{"a":"${'x'.repeat(200_000)}"}`),
    '/bomb': (_request, response) =>
      void response
        .setHeader('content-encoding', 'gzip')
        .end(gzipSync(`{"a":"${'0'.repeat(20_000_000)}"}`)),
    '/slow': () => undefined,
    '/trickle': (_request, response) => void response.write('{"a":'),
    '/no-content': (_request, response) => void response.writeHead(204).end(),
  }
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(request.url ?? '')
    answers[request.url ?? '']?.(request, response)
  })
  let origin: string
  beforeAll(async () => {
    await once(server.listen(0, '127.0.0.1'), 'listening')
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  afterAll(() => {
    server.closeAllConnections()
    server.close()
  })

  const limits: FetchLimits = { timeoutMs: 2000, bytesMax: 100 * 1024 }
  const quick: FetchLimits = { ...limits, timeoutMs: 100 }

  it('comes with its stated age', async () => {
    const fetched = await fetchDocument(`${origin}/good`, fetch, limits)
    expect(fetched).toEqual({ ok: true, value: { document: { a: 1 }, maxAgeSeconds: 60 } })
  })

  const refused: readonly (readonly [path: string, reason: string, by: FetchLimits])[] = [
    ['/redirect', 'status_not_ok', limits],
    ['/no-content', 'status_not_ok', limits],
    ['/empty', 'not_json', limits],
    ['/html', 'not_json', limits],
    ['/list', 'not_json', limits],
    ['/null', 'not_json', limits],
    ['/bytes', 'not_json', limits],
    ['/big', 'too_large', limits],
    ['/bomb', 'too_large', limits],
    ['/slow', 'timed_out', quick],
    ['/trickle', 'timed_out', quick],
  ]
  it.each(refused)('%s is refused: %s', async (path, reason, by) => {
    expect(await fetchDocument(origin + path, fetch, by)).toMatchObject({ refusal: { reason } })
  })

  it.each([
    ['/redirect', 'status_not_ok 302'],
    ['/twice', 'not_json json_duplicate_member'],
    ['/deep', 'not_json json_too_deep'],
    ['/mark', 'not_json'],
    ['/html', 'not_json'],
    ['/half', 'unreachable UND_ERR_SOCKET'],
  ])('%s is described as %s', async (path, text) => {
    const fetched = await fetchDocument(origin + path, fetch, limits)
    expect(fetched.ok ? 'read' : describeFetchRefusal(fetched.refusal)).toBe(text)
  })

  it('from a port without a listener is refused with the code of the network', async () => {
    const gone = createServer()
    await once(gone.listen(0, '127.0.0.1'), 'listening')
    const { port } = gone.address() as AddressInfo
    gone.close()
    await once(gone, 'close')
    const fetched = await fetchDocument(`http://127.0.0.1:${port}/`, fetch, limits)
    expect(fetched).toEqual({
      ok: false,
      refusal: { reason: 'unreachable', code: 'ECONNREFUSED' },
    })
  })

  it('behind a certificate that signs itself is refused with the code of TLS', async () => {
    const own = createTlsServer({ key: certificatePrivatePem, cert: certificatePem })
    await once(own.listen(0, '127.0.0.1'), 'listening')
    const { port } = own.address() as AddressInfo
    const fetched = await fetchDocument(`https://127.0.0.1:${port}/`, fetch, limits)
    own.close()
    const refusal = { reason: 'unreachable', code: 'DEPTH_ZERO_SELF_SIGNED_CERT' }
    expect(fetched).toEqual({ ok: false, refusal })
  })

  it('is never fetched from the target of a redirect', () => {
    expect(asked).toContain('/redirect')
    expect(asked).not.toContain('/target')
  })
})
