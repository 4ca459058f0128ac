import { describe, expect, test } from 'vitest'
import { builtInArgon2, hashArgon2 } from '../argon2id.ts'
import type { ForeignHash } from './foreign-hash.ts'
import { readForeignHash } from './read-foreign-hash.ts'
import { renderForeignHash } from './render-foreign-hash.ts'
import { verifyForeignHash } from './verify-foreign-hash.ts'

function read(text: string): ForeignHash {
  const hash = readForeignHash(text)
  if (!hash.ok) throw new Error(`${text}: ${hash.refusal.reason}`)
  return hash.value
}

const verify = (password: string | Uint8Array, hash: ForeignHash) =>
  verifyForeignHash(Buffer.from(password), hash)

/** Writes bytes of a document as PHC strings have them. */
const base64 = (hex: string) => Buffer.from(hex, 'hex').toString('base64').replaceAll('=', '')

const digits72 =
  '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789chars after 72 are ignored'

/** Published answers: the document, the password, the hash. */
const published: readonly (readonly [string, string, string])[] = [
  ['crypt_blowfish', 'U*U', '$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW'],
  ['crypt_blowfish', 'U*U*', '$2b$05$CCCCCCCCCCCCCCCCCCCCC.VGOzA784oUp/Z0DY336zx7pLYAy0lwK'],
  ['crypt_blowfish', 'U*U*U', '$2y$05$XXXXXXXXXXXXXXXXXXXXXOAcXxm9kjPGEMsLznoKqmqw7tc8WCx4a'],
  [
    'crypt_blowfish, 72 bytes',
    digits72,
    '$2a$05$abcdefghijklmnopqrstuu5s2v8.iXieOjg/.AySBTTZIIVFJeBui',
  ],
  ['jBCrypt', 'abc', '$2a$06$If6bvum7DFjUnE9p2uDeDu0YHzrHM6tf.iqN8.yx.jNN1ILEf7h0i'],
  [
    'RFC 6070, one round',
    'password',
    `$pbkdf2-sha1$i=1,l=20$${Buffer.from('salt').toString('base64').replace('==', '')}$${base64('0c60c80f961f0e71f3a9b524af6012062fe037a6')}`,
  ],
  [
    'RFC 6070, 25 bytes',
    'passwordPASSWORDpassword',
    `$pbkdf2-sha1$i=4096,l=25$${Buffer.from('saltSALTsaltSALTsaltSALTsaltSALTsalt').toString('base64')}$${base64('3d2eec4fe41c849b80c8d83662c0e44a8b291a964cf2f07038')}`,
  ],
  [
    'RFC 7914 §11',
    'Password',
    `$pbkdf2-sha256$i=80000$TmFDbA$${base64('4ddcd8f60b98be21830cee5ef22701f9641a4418d04c0414aeff08876b34ab56a1d425a1225833549adb841b51c9b3176a272bdebba1d078478f62b397f33c8d')}`,
  ],
  [
    'RFC 7914 §12',
    'pleaseletmein',
    `$scrypt$ln=14,r=8,p=1$${Buffer.from('SodiumChloride').toString('base64').replace('=', '')}$${base64('7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887')}`,
  ],
  [
    'PBKDF2 with SHA-512, one round',
    'password',
    `$pbkdf2-sha512$i=1,l=64$c2FsdA$${base64('867f70cf1ade02cff3752599a3a53dc4af34c7a669815ae5d513554e1c8cf252c02d470a285a0501bad999bfe943c08f050235d7d68b1da55e63f73b60a57fce')}`,
  ],
  [
    'passlib',
    'password',
    '$pbkdf2-sha512$1212$RHY0Fr3IDMSVO/RSZyb5ow$eNLfBK.eVozomMr.1gYa17k9B7KIK25NOEshvhrSX.esqY3s.FvWZViXz4KoLlQI.BzY/YTNJOiKc5gBYFYGww',
  ],
  ['Django', 'letmein', 'pbkdf2_sha256$10000$seasalt$FQCNpiZpTb0zub+HBsH6TOwyRxJ19FwvjbweatNmK/Y='],
  [
    'Django',
    'lètmein',
    'scrypt$16384$seasalt$8$1$Qj3+9PPyRjSJIebHnG81TMjsqtaIGxNQG/aEB/NYafTJ7tibgfYz71m0ldQESkXFRkdVCBhhY8mx7rQwite/Pw==',
  ],
  [
    'phc-winner-argon2',
    'password',
    '$argon2i$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$wWKIMhR9lyDFvRz9YTZweHKfbftvj+qf+YFY4NeBbtA',
  ],
  [
    'phc-winner-argon2',
    'password',
    '$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc',
  ],
  [
    'phc-winner-argon2 with the front of Django',
    'password',
    'argon2$argon2i$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$wWKIMhR9lyDFvRz9YTZweHKfbftvj+qf+YFY4NeBbtA',
  ],
  [
    'firebase/scrypt',
    'user1password',
    '$firescrypt$ln=14,r=8,p=1$42xEC+ixf3L2lw==$lSrfV15cpx95/sZS2W9c9Kp6i/LVgQNDNC/qzrCnh1SAyZvqmZqAjTdn3aoItz+VHjoZilo78198JAdRuid5lQ==$Bw==$jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUSDzZvpjeJ9WmXA==',
  ],
]

describe.each(published)('the hash that %s publishes for %s', (_, password, text) => {
  test('is right, and other passwords are wrong', async () => {
    const hash = read(text)
    expect(await verify(password, hash)).toBe(true)
    expect(await verify(` ${password}`, hash)).toBe(false)
    expect(await verify('wrong', hash)).toBe(false)
  })

  test('is kept in one spelling that means the same', () => {
    const hash = read(text)
    expect(read(renderForeignHash(hash))).toEqual(hash)
    expect(renderForeignHash(read(renderForeignHash(hash)))).toBe(renderForeignHash(hash))
  })
})

describe('bcrypt', () => {
  test('reads bytes that are no ASCII, as programs without the sign error do', async () => {
    const hash = read('$2y$05$/OK.fbVrR/bpIqNJ5ianF.Sa7shbm4.OzKpvFnX1pQLmQW96oUlCq')
    expect(await verify(Buffer.from('a3', 'hex'), hash)).toBe(true)
  })

  test('cuts a password at 72 bytes, within a letter too', async () => {
    const hash = read('$2a$05$abcdefghijklmnopqrstuu5s2v8.iXieOjg/.AySBTTZIIVFJeBui')
    expect(await verify(digits72.slice(0, 72), hash)).toBe(true)
    expect(await verify(digits72.slice(0, 71), hash)).toBe(false)
    expect(await verify(`${digits72.slice(0, 72)}é`, hash)).toBe(true)
  })

  test('runs in threads, so the event loop goes on', async () => {
    const hash = read('$2b$11$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW')
    let rounds = 0
    const timer = setInterval(() => (rounds += 1), 1)
    await Promise.all([verify('one', hash), verify('two', hash)])
    clearInterval(timer)
    expect(rounds).toBeGreaterThan(10)
  })

  test('of Django with SHA-256 reads the hexadecimal digest', async () => {
    const plain = read('$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW')
    const front = read('bcrypt_sha256$$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW')
    expect(front).toEqual({ ...plain, scheme: 'bcrypt-sha256' })
    expect(await verify('U*U', front)).toBe(false)
  })
})

test.each(['argon2d', 'argon2i', 'argon2id'] as const)(
  '%s is the same by the accelerator and by the runtime',
  async (variant) => {
    const cost = { memoryKib: 64, passes: 3, lanes: 2 }
    const salt = Buffer.from('somesalt')
    const accelerated = await hashArgon2(variant, 'password', salt, cost, 24)
    const builtIn = await builtInArgon2(variant, 'password', salt, cost, 24)
    expect(Buffer.from(accelerated)).toEqual(Buffer.from(builtIn))
  },
)

const tag = 'Y11AchqV4b0sUisdZd0Xr97KWoymNE0LNNrnEgY4H9M'
const bcryptLetters = 'CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW'

test.each([
  ['nothing', '', 'hash_unknown'],
  ['a plain password', 'correct horse battery staple', 'hash_unknown'],
  ['MD5', '5f4dcc3b5aa765d61d8327deb882cf99', 'hash_unknown'],
  ['the sign error of old PHP', `$2x$05$${bcryptLetters}`, 'hash_unknown'],
  ['LDAP', '{SSHA}5en6G6MezRroT3XKqkdPOmY/BfQ=', 'hash_unknown'],
  ['SHA-512 of crypt', '$6$saltsalt$qFmFH.bQmmtXzyBY0s9v7Oicd2z4XSIecDzlB5KiA2', 'hash_unknown'],
  ['a long text', `$2a$05$${'C'.repeat(2_000)}`, 'hash_unknown'],
  ['a cut bcrypt', `$2b$05$${bcryptLetters.slice(1)}`, 'hash_malformed'],
  ['bcrypt of one digit', `$2b$5$${bcryptLetters}`, 'hash_malformed'],
  ['bcrypt with a signed cost', `$2b$-5$${bcryptLetters}`, 'hash_malformed'],
  ['bcrypt below its least cost', `$2b$03$${bcryptLetters}`, 'hash_malformed'],
  ['bcrypt with another letter', `$2b$05$${bcryptLetters.replace('Y', '=')}`, 'hash_malformed'],
  ['bcrypt of an hour', `$2b$31$${bcryptLetters}`, 'hash_too_costly'],
  ['bcrypt above its highest cost', `$2b$32$${bcryptLetters}`, 'hash_malformed'],
  ['bcrypt at the bound', `$2b$14$${bcryptLetters}`, 'read'],
  ['bcrypt above the bound', `$2b$15$${bcryptLetters}`, 'hash_too_costly'],
  ['PBKDF2 at the bound', `$pbkdf2-sha256$i=4000000$c2FsdA$${tag}`, 'read'],
  ['PBKDF2 above the bound', `$pbkdf2-sha256$i=4000001$c2FsdA$${tag}`, 'hash_too_costly'],
  ['PBKDF2 of two blocks', `$pbkdf2-sha1$i=2000001,l=32$c2FsdA$${tag}`, 'hash_too_costly'],
  ['PBKDF2 of no round', `$pbkdf2-sha256$i=0$c2FsdA$${tag}`, 'hash_malformed'],
  ['PBKDF2 in another length', `$pbkdf2-sha256$i=10,l=31$c2FsdA$${tag}`, 'hash_malformed'],
  ['PBKDF2 of an exponent', `$pbkdf2-sha256$i=1e3$c2FsdA$${tag}`, 'hash_malformed'],
  ['PBKDF2 with a short hash', '$pbkdf2-sha256$i=10$c2FsdA$c2FsdA', 'hash_malformed'],
  ['PBKDF2 with bits after its end', `$pbkdf2-sha256$i=10$c2FsdB$${tag}`, 'hash_malformed'],
  ['scrypt of a gigabyte', `$scrypt$ln=20,r=8,p=1$c2FsdA$${tag}`, 'hash_too_costly'],
  ['scrypt of many lanes', `$scrypt$ln=14,r=8,p=64$c2FsdA$${tag}`, 'hash_too_costly'],
  ['scrypt of 2 to the 40', `$scrypt$ln=40,r=8,p=1$c2FsdA$${tag}`, 'hash_malformed'],
  ['scrypt in another order', `$scrypt$r=8,ln=14,p=1$c2FsdA$${tag}`, 'hash_malformed'],
  ['scrypt of Django, N no power of 2', `scrypt$1000$salt$8$1$${tag}=`, 'hash_malformed'],
  [
    'argon2 of an older version',
    `$argon2id$v=16$m=64,t=2,p=1$c29tZXNhbHQ$${tag}`,
    'hash_malformed',
  ],
  ['argon2 without a version', `$argon2id$m=64,t=2,p=1$c29tZXNhbHQ$${tag}`, 'hash_malformed'],
  ['argon2 with a short salt', `$argon2id$v=19$m=64,t=2,p=1$c2FsdA$${tag}`, 'hash_malformed'],
  [
    'argon2 of too little memory',
    `$argon2id$v=19$m=8,t=2,p=2$c29tZXNhbHQ$${tag}`,
    'hash_malformed',
  ],
  [
    'argon2 of a gigabyte',
    `$argon2id$v=19$m=1048576,t=1,p=1$c29tZXNhbHQ$${tag}`,
    'hash_too_costly',
  ],
  ['argon2 of many passes', `$argon2i$v=19$m=131072,t=9,p=1$c29tZXNhbHQ$${tag}`, 'hash_too_costly'],
  [
    'Firebase with a short key',
    `$firescrypt$ln=14,r=8,p=1$c2FsdA$${tag}$Bw$c2FsdA`,
    'hash_malformed',
  ],
  ['Firebase without its key', `$firescrypt$ln=14,r=8,p=1$c2FsdA$${tag}`, 'hash_malformed'],
])('%s has the right outcome', (_, text, outcome) => {
  const hash = readForeignHash(text)
  expect(hash.ok ? 'read' : hash.refusal.reason).toBe(outcome)
})
