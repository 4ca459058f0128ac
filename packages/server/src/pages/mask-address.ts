/** Hides the most of an address: `wren@example.com` becomes `w…n@example.com`. Another name keeps its ends. */
export function maskAddress(address: string): string {
  const at = address.lastIndexOf('@')
  const local = Array.from(at === -1 ? address : address.slice(0, at))
  const domain = at === -1 ? '' : address.slice(at)
  const [first = ''] = local
  const last = local.length > 2 ? (local.at(-1) ?? '') : ''
  return `${first}…${last}${domain}`
}
