import { BlockList, isIP } from 'node:net'

/** Says where a request came from, given the socket's address and the forwarding header. */
export type AddressOf = (socketAddress: string | undefined, forwarded: string | undefined) => string

/**
 * Makes the reader of addresses: the socket's, or the one that listed proxies reported.
 * Why: it reads the header from its end and passes listed proxies only, so it never reaches text of a stranger.
 * Throws: TypeError for a proxy that is no address or CIDR range.
 */
export function createAddressOf(proxies: readonly string[]): AddressOf {
  if (proxies.length === 0) return (socketAddress) => plain(socketAddress)
  const listed = new BlockList()
  for (const proxy of proxies) addTo(listed, proxy)
  return (socketAddress, forwarded) => {
    let address = plain(socketAddress)
    const hops = (forwarded ?? '').split(',')
    while (hops.length > 0 && isListed(listed, address)) {
      const hop = plain(withoutPort(hops.pop()?.trim() ?? ''))
      if (isIP(hop) === 0) break
      address = hop
    }
    return address
  }
}

/** An IPv4 address that came through an IPv6 socket is the same address, in each spelling of RFC 4291 §2.5.5.2. */
function plain(address: string | undefined): string {
  if (address === undefined) return ''
  if (address.startsWith('::ffff:') && isIP(address.slice(7)) === 4) return address.slice(7)
  if (isIP(address) !== 6 || address.includes('%')) return address
  return address.toLowerCase().includes('ffff:') ? (mappedAddress(address) ?? address) : address
}

/** Reads the IPv4 address in an IPv6 address. Why by a URL: it has one spelling on every runtime, `[::ffff:909:909]`. */
function mappedAddress(address: string): string | undefined {
  const { hostname } = new URL(`http://[${address}]`)
  const groups = hostname.startsWith('[::ffff:') ? hostname.slice(8, -1).split(':') : []
  const [high, low] = groups.map((group) => Number.parseInt(group, 16))
  if (groups.length !== 2 || high === undefined || low === undefined) return undefined
  return [high >> 8, high & 255, low >> 8, low & 255].join('.')
}

/** Some gateways write a port behind the address, which for IPv6 then stands in brackets. */
function withoutPort(hop: string): string {
  if (hop.startsWith('[')) {
    const end = hop.indexOf(']')
    return end === -1 || !isPort(hop.slice(end + 1)) ? hop : hop.slice(1, end)
  }
  const colon = hop.indexOf(':')
  if (colon === -1 || colon !== hop.lastIndexOf(':')) return hop
  return isPort(hop.slice(colon)) ? hop.slice(0, colon) : hop
}

/** A colon and a port, or nothing. */
function isPort(text: string): boolean {
  const port = Number(text.slice(1))
  return text === '' || (text.startsWith(':') && String(port) === text.slice(1) && port < 65_536)
}

function isListed(listed: BlockList, address: string): boolean {
  const family = isIP(address)
  return family !== 0 && listed.check(address, family === 4 ? 'ipv4' : 'ipv6')
}

function addTo(listed: BlockList, proxy: string): void {
  const [network = '', prefix] = proxy.split('/', 2)
  const family = isIP(network)
  if (family === 0) throw new TypeError(`${proxy} is no address or range`)
  const type = family === 4 ? 'ipv4' : 'ipv6'
  if (prefix === undefined) listed.addAddress(network, type)
  else listed.addSubnet(network, Number(prefix), type)
}
