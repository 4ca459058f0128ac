/**
 * Names the sender behind an address: a whole IPv4 address, or the first four groups of an IPv6 address.
 * Why: a /64 belongs to one holder, who could send from each of its addresses.
 */
export function askerAt(address: string): string {
  const mapped =
    address.lastIndexOf('.') === -1 ? address : address.slice(address.lastIndexOf(':') + 1)
  if (!mapped.includes(':')) return mapped
  const [head = '', tail] = mapped.split('::')
  const front = head === '' ? [] : head.split(':')
  const back = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - front.length - back.length)
  return [...front, ...Array.from({ length: zeros }, () => '0'), ...back].slice(0, 4).join(':')
}
