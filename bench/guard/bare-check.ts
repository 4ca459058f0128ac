import { createPublicKey, verify } from 'node:crypto'

/** Reads the header and proves the signature with the bare primitive; looks at no claim. */
export function createBareCheck(publicPem: string): (authorization: string | undefined) => boolean {
  const key = { key: createPublicKey(publicPem), dsaEncoding: 'ieee-p1363' as const }
  return (authorization) => {
    if (authorization === undefined) return false
    const end = authorization.lastIndexOf('.')
    const input = Buffer.from(authorization.slice(7, end), 'latin1')
    return verify('sha256', input, key, Buffer.from(authorization.slice(end + 1), 'base64url'))
  }
}
