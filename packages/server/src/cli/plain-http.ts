import { lookup } from 'node:dns/promises'
import { isPrivateAddress } from '@countersign/guard/outbound'

/**
 * Explains why a host may not be an issuer without TLS: it has no address, or one that is not private.
 * Returns undefined for a host of a private network or of this machine.
 */
export async function objectToPlainHost(
  host: string,
  lookUp: (host: string) => Promise<readonly string[]> = addressesOf,
): Promise<string | undefined> {
  const bare = host.startsWith('[') ? host.slice(1, -1) : host
  const addresses = await lookUp(bare).catch(() => [])
  if (addresses.length === 0)
    return `${host} has no address here, so plain http to it is refused: use https, or add the name to DNS.`
  const found = addresses.find((address) => !isPrivateAddress(address))
  return found === undefined
    ? undefined
    : `${host} has the address ${found}, which is not private, so plain http to it is refused: use https.`
}

async function addressesOf(host: string): Promise<readonly string[]> {
  return (await lookup(host, { all: true })).map(({ address }) => address)
}
