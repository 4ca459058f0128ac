/**
 * The address of a path of this service, as it stands in metadata and tokens.
 * Why: an issuer may end with a slash, and paths are compared as they are sent: two slashes would find nothing.
 */
export function addressUnder(issuer: string, path: `/${string}`): string {
  return (issuer.endsWith('/') ? issuer.slice(0, -1) : issuer) + path
}
