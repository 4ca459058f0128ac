import { gzipSync } from 'node:zlib'

import { rolldown } from 'rolldown'
import { expect, test } from 'vitest'

/** Bundles one import of the package as an application would, from its sources. */
async function bundle(names: string): Promise<string> {
  const entry = 'entry.js'
  const build = await rolldown({
    input: entry,
    platform: 'node',
    resolve: { conditionNames: ['countersign-source', 'import'] },
    plugins: [
      {
        name: 'entry',
        resolveId: (id) => (id === entry ? { id: `${import.meta.dirname}/${entry}` } : undefined),
        load: (id) =>
          id.endsWith(entry) ? `export { ${names} } from '@countersign/jwt'` : undefined,
      },
    ],
  })
  const { output } = await build.generate({ format: 'esm', minify: true })
  await build.close()
  return output[0].code
}

/** Texts that only decrypting and encrypting contain. */
const marksOfEncryption = [
  'createDecipheriv',
  'createCipheriv',
  'diffieHellman',
  'privateDecrypt',
  'publicEncrypt',
  'decryption_failed',
  'payload_not_signed',
]

const verifying = 'createJwtVerifier, verifyJwt, importKey, createKeySet'

/**
 * Units: bytes, minified. The limits allow little growth; a leak of another folder is several times that.
 * Why a fifth of it reads keys: `importKey` finds the public keys that were given as secrets, in every encoding, and
 * the keys that tools write into PEM. It answers at once, so none of that can be loaded later.
 */
const rows = [
  { name: 'a verifier alone', names: verifying, bytesMax: 36_500, encrypts: false },
  {
    name: 'a decrypter too',
    names: `${verifying}, createDecrypter`,
    bytesMax: 48_500,
    encrypts: true,
  },
]

test.for(rows)(
  '$name carries the code that it needs and no more',
  async ({ name, names, bytesMax, encrypts }) => {
    const code = await bundle(names)
    const marks = marksOfEncryption.filter((mark) => code.includes(mark))
    console.log(`${name}: ${code.length} bytes minified, ${gzipSync(code).length} gzipped`)
    expect(marks.length > 0).toBe(encrypts)
    expect(code.length).toBeLessThan(bytesMax)
  },
)
