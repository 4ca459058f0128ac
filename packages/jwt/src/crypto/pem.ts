import { createPrivateKey, createPublicKey, X509Certificate, type KeyObject } from 'node:crypto'

/** The beginning of a PEM text. */
export const pemBegin = '-----BEGIN '

/** The key of a PEM text, or why there is none. */
export type PemReading =
  | { readonly key: KeyObject }
  /** `several`: more than one key, of which none is meant more than the others. */
  | { readonly fault: 'unusable' | 'several' }

/**
 * Reads the one key in a PEM text (PKCS#8, SPKI, PKCS#1, SEC1, certificate).
 * Takes: text before and behind it, indented lines, and blocks that hold no key, as OpenSSL writes parameters.
 * Not checked: whether the parameters are those of the key; the key states its own.
 * Source: RFC 7468 §2, §5.3 (text around a block), appendix B.
 */
export function readPem(text: string): PemReading {
  const blocks = readBlocks(text)?.filter(({ label }) => isKeyLabel(label))
  const [block, ...others] = blocks ?? []
  if (block === undefined) return { fault: 'unusable' }
  if (others.length > 0) return { fault: 'several' }
  const key = readBlock(block)
  return key === undefined ? { fault: 'unusable' } : { key }
}

/** Parameters, requests and lists of revoked certificates hold no key. */
function isKeyLabel(label: string): boolean {
  return label.endsWith('KEY') || label.endsWith('CERTIFICATE')
}

interface Block {
  readonly label: string
  readonly body: string
}

/** Units: blocks of one text. */
const blocksMax = 16

/** The blocks of a text; `undefined` where one has no end, or where there are too many. */
function readBlocks(text: string): readonly Block[] | undefined {
  const blocks: Block[] = []
  for (let at = text.indexOf(pemBegin); at !== -1; at = text.indexOf(pemBegin, at)) {
    const start = at + pemBegin.length
    const labelEnd = text.indexOf(dashes, start)
    const label = text.slice(start, labelEnd)
    const footer = `-----END ${label}${dashes}`
    const end = text.indexOf(footer, labelEnd)
    if (labelEnd === -1 || end === -1 || blocks.length >= blocksMax) return undefined
    blocks.push({ label, body: text.slice(labelEnd + dashes.length, end) })
    at = end + footer.length
  }
  return blocks
}

const dashes = '-----'

function readBlock({ label, body }: Block): KeyObject | undefined {
  const read = readers.get(label)
  const lines = wrap(withoutSpace(body))
  const pem = `${pemBegin}${label}${dashes}\n${lines}\n-----END ${label}${dashes}\n`
  try {
    return read?.(pem)
  } catch {
    return undefined
  }
}

/** Labels of keys that are not encrypted. */
const readers: ReadonlyMap<string, (pem: string) => KeyObject> = new Map([
  ['CERTIFICATE', (pem: string) => new X509Certificate(pem).publicKey],
  ['PUBLIC KEY', createPublicKey],
  ['RSA PUBLIC KEY', createPublicKey],
  ['PRIVATE KEY', createPrivateKey],
  ['RSA PRIVATE KEY', createPrivateKey],
  ['EC PRIVATE KEY', createPrivateKey],
])

function wrap(base64: string): string {
  const lines = Array.from({ length: Math.ceil(base64.length / 64) }, (_, line) =>
    base64.slice(line * 64, line * 64 + 64),
  )
  return lines.join('\n')
}

/** Removes spaces, tabs and line ends. */
export function withoutSpace(text: string): string {
  return text.replaceAll('\n', '').replaceAll('\r', '').replaceAll('\t', '').replaceAll(' ', '')
}
