import { isLoopback, type FetchAnswer, type FetchPort } from './fetch-document.ts'

/** Finds all addresses of a host name. */
export type LookUpHost = (host: string) => Promise<readonly string[]>

/** An address to connect to, and the `Host` that the request names. */
export interface PinnedAddress {
  readonly url: URL
  readonly host: string
}

/**
 * Finds the address of a host in a private network.
 * Throws: Error with the code `ADDRESS_NOT_PRIVATE` if any address of the host is public, or if there is none.
 * Why: the request goes to the address that was checked. A later answer of DNS cannot lead it elsewhere.
 */
export async function pinToPrivate(url: URL, lookUp: LookUpHost): Promise<PinnedAddress> {
  const addresses = await lookUp(bareHost(url.hostname))
  const [first] = addresses
  if (first === undefined || !addresses.every(isPrivateAddress))
    throw Object.assign(new Error(`${url.hostname} has no private address`), {
      code: 'ADDRESS_NOT_PRIVATE',
    })
  const pinned = new URL(url)
  pinned.hostname = first.includes(':') ? `[${first}]` : first
  return { url: pinned, host: url.host }
}

/** Removes the brackets of an IPv6 address in a URL. */
function bareHost(hostname: string): string {
  return hostname.startsWith('[') ? hostname.slice(1, -1) : hostname
}

/**
 * Whether an IP address belongs to a private network or to this machine.
 * Not checked: link-local addresses. Clouds keep their metadata service there, so they count as public.
 * Source: RFC 1918 §3; RFC 4193 §3.1; RFC 4291 §2.5.3, §2.5.5.2 (IPv4 in IPv6).
 */
export function isPrivateAddress(address: string): boolean {
  if (!address.includes(':')) return isPrivateIpv4(address)
  const hostname = readIpv6(address)
  if (hostname === undefined) return false
  if (hostname === '::1') return true
  if (hostname.startsWith('::ffff:')) return isPrivateIpv4(fromGroups(hostname.slice(7)) ?? '')
  const [first = ''] = hostname.split(':')
  return first.length === 4 && (first.startsWith('fc') || first.startsWith('fd'))
}

/** Whether the host name of a parsed URL is an IP address. */
export function isAddressLiteral(hostname: string): boolean {
  if (hostname.startsWith('[')) return true
  const last = hostname.split('.').at(-1)
  return last !== undefined && last !== '' && !Number.isNaN(Number(last))
}

/** Writes an IPv6 address in the one spelling of RFC 5952. */
function readIpv6(address: string): string | undefined {
  const text = `http://[${address}]/`
  return URL.canParse(text) ? bareHost(new URL(text).hostname) : undefined
}

/** Makes the dotted form of two groups of an IPv6 address. Returns undefined for any other count of groups. */
function fromGroups(groups: string): string | undefined {
  const [high, low, more] = groups.split(':').map((group) => Number.parseInt(group, 16))
  if (high === undefined || low === undefined || more !== undefined) return undefined
  return [high >> 8, high & 255, low >> 8, low & 255].join('.')
}

function isPrivateIpv4(address: string): boolean {
  const parts = address.split('.')
  const numbers = parts.map(Number)
  const [first = 0, second = 0] = numbers
  if (parts.length !== 4 || !numbers.every((part) => part >= 0 && part <= 255)) return false
  if (!parts.every((part, at) => part === String(numbers[at]))) return false
  if (first === 10 || first === 127) return true
  return first === 172 ? second >= 16 && second <= 31 : first === 192 && second === 168
}

/**
 * Makes a fetch that reaches one host over plain http, at a private address only. Every other request goes to `fetch`.
 * Why: `fetch` resolves the name itself and replaces `Host`, so it cannot be pinned to a checked address.
 */
export function fetchPrivately(fetch: FetchPort, host: string, lookUp: LookUpHost): FetchPort {
  return (url, init) => {
    const { protocol, hostname } = new URL(url)
    return protocol === 'http:' && hostname === host && !isLoopback(hostname)
      ? requestPlain(new URL(url), init, lookUp)
      : fetch(url, init)
  }
}

/** Waits for an answer until a signal aborts. */
function beforeAbort<T>(answer: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(new Error('aborted'))
    if (signal.aborted) abort()
    signal.addEventListener('abort', abort, { once: true })
    answer.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}

/** Sends one request over plain http. Redirects are not followed, and no proxy is used. */
async function requestPlain(
  url: URL,
  { method = 'GET', headers, body, signal }: Parameters<FetchPort>[1],
  lookUp: LookUpHost,
): Promise<FetchAnswer> {
  const pinned = await beforeAbort(pinToPrivate(url, lookUp), signal)
  const { request } = await import('node:http')
  return new Promise((resolve, reject) => {
    const outgoing = request(pinned.url, {
      method,
      headers: { ...headers, host: pinned.host },
      agent: false,
      signal,
    })
    outgoing.on('error', reject)
    outgoing.on('response', (answer) => {
      const { statusCode = 0, headers: sent } = answer
      const get = (name: string) => {
        const value = sent[name]
        return value === undefined ? null : [value].flat().join(', ')
      }
      resolve({ status: statusCode, headers: { get }, body: answer })
    })
    outgoing.end(body)
  })
}
