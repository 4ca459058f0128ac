import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { foldName } from './fold-name.ts'

/** The key, or the reason of the refusal in brackets. */
function keyOf(typed: string): string {
  const folded = foldName(typed)
  return folded.ok ? folded.value.key : `(${folded.refusal.reason})`
}

describe('user names', () => {
  // Source: RFC 8265 §3.3; the cases of golang.org/x/text/secure/precis for this profile.
  test.each([
    ['fussball', 'fussball'],
    ['fu\u00DFball', 'fu\u00DFball'],
    ['\u03C0', '\u03C0'],
    ['\u03A3', '\u03C3'],
    ['\u03C3', '\u03C3'],
    ['\u03C2', '\u03C2'],
    ['I', 'i'],
    ['\u03D2', '(name_sign)'],
    ['\u03B0', '\u03B0'],
    ['foo bar', '(name_sign)'],
    ['\u265A', '(name_sign)'],
    ['~', '~'],
    ['a', 'a'],
    ['!', '!'],
    ['\u00B2', '(name_sign)'],
    ['\t', '(name_sign)'],
    ['\n', '(name_sign)'],
    ['\u26D6', '(name_sign)'],
    ['\u26FF', '(name_sign)'],
    ['\uFB00', '(name_sign)'],
    ['\u1680', '(name_sign)'],
    [' ', '(name_sign)'],
    ['  ', '(name_sign)'],
    ['\u01C5', '(name_sign)'],
    ['\u16EE', '(name_sign)'],
    ['\u0488', '(name_sign)'],
    ['\u212B', '\u00E5'],
    ['A\u030A', '\u00E5'],
    ['\u00C5', '\u00E5'],
    ['\u00E7', '\u00E7'],
    ['c\u0327', '\u00E7'],
    ['\u0158', '\u0159'],
    ['R\u030C', '\u0159'],
    ['\u1E61', '\u1E61'],
    ['\u0410', '\u0430'],
    ['\uFF21\uFF22', 'ab'],
    ['\u05E9c', '(name_direction)'],
    // Rules of context. Source: RFC 5892 appendix A.
    ['\u200C', '(name_sign)'],
    ['a\u200C', '(name_sign)'],
    ['\uA872\u0A4D\u200C', '\uA872\u0A4D\u200C'],
    ['\uA872\u0A4D\u200D', '\uA872\u0A4D\u200D'],
    ['\u0A4Da\u200D', '(name_sign)'],
    // Between Persian letters that join: "mi-xaham", where a reader sees the joiner.
    [
      '\u0645\u06CC\u200C\u062E\u0648\u0627\u0647\u0645',
      '\u0645\u06CC\u200C\u062E\u0648\u0627\u0647\u0645',
    ],
    ['\u0645\u06CC\u064E\u200C\u064F\u0627', '\u0645\u06CC\u064E\u200C\u064F\u0627'],
    ['\u0645\u06CC\u200C\u062E1', '\u0645\u06CC\u200C\u062E1'],
    // After a letter that joins none behind it, twice, at an end, next to Latin: nobody would see it.
    ['\u0627\u200C\u0645', '(name_sign)'],
    ['\u0645\u200C\u200C\u06CC', '(name_sign)'],
    ['\u0645\u06CC\u200C', '(name_sign)'],
    ['\u200C\u0645\u06CC', '(name_sign)'],
    ['\u0645\u200Ca', '(name_sign)'],
    ['a\u200Cb', '(name_sign)'],
    ['\u0645\u200C1', '(name_sign)'],
    // The other joiner has no such rule.
    ['\u0645\u06CC\u200D\u062E', '(name_sign)'],
    ['l\u00B7', '(name_sign)'],
    ['l\u00B7l', 'l\u00B7l'],
    ['L\u00B7L', 'l\u00B7l'],
    ['\u0375\u03B1', '\u0375\u03B1'],
    ['\u03B1\u0375', '(name_sign)'],
    ['\u05E9\u05F3', '\u05E9\u05F3'],
    ['\u05F3\u05E9', '(name_sign)'],
    ['abc\u30FBdef', '(name_sign)'],
    ['abc\u30FBd\u3076f', 'abc\u30FBd\u3076f'],
    ['\u0661\u0662\u06F6', '(name_sign)'],
    ['\u06F1\u06F2\u06F3', '\u06F1\u06F2\u06F3'],
    // Exceptions, old Jamo and code points that nobody sees. Source: RFC 8264 §9.
    ['a\u0640', '(name_sign)'],
    ['\u1100', '(name_sign)'],
    ['a\u00ADb', '(name_sign)'],
    ['a\u200Bb', '(name_sign)'],
    ['a\u202Eb', '(name_sign)'],
    ['a\uFEFFb', '(name_sign)'],
    ['a\u0000b', '(name_sign)'],
    ['a\u007Fb', '(name_sign)'],
    ['\uD800', '(name_sign)'],
    ['\u{1F600}', '(name_sign)'],
    ['\uE000', '(name_sign)'],
    ['\uFFFE', '(name_sign)'],
    // The Bidi Rule. Source: RFC 5893 §2.
    ['\u05E9\u05DC\u05D5\u05DD', '\u05E9\u05DC\u05D5\u05DD'],
    ['\u05E9\u05DC1', '\u05E9\u05DC1'],
    ['1\u05E9', '(name_direction)'],
    ['\u05E9!', '(name_direction)'],
    ['\u05E9!\u05DC', '\u05E9!\u05DC'],
    ['\u0627\u06611', '(name_direction)'],
    ['\u0661', '(name_direction)'],
    ['', '(name_empty)'],
  ])('%j has the key %j', (typed, key) => {
    expect(keyOf(typed)).toBe(key)
  })

  test('is shown as typed, composed and in usual width', () => {
    expect(foldName('\uFF21nn\u0065\u0301')).toEqual({
      ok: true,
      value: { kind: 'username', key: 'ann\u00E9', shown: 'Ann\u00E9' },
    })
  })

  test('is at most 128 bytes long, and longer text is not read', () => {
    expect(keyOf('a'.repeat(128))).toBe('a'.repeat(128))
    expect(keyOf('a'.repeat(129))).toBe('(name_too_long)')
    expect(keyOf('\u00E9'.repeat(65))).toBe('(name_too_long)')
    expect(foldName('\u265A'.repeat(1_025))).toMatchObject({
      refusal: { reason: 'name_too_long', max: 1_024, unit: 'letters' },
    })
  })

  test('a refusal says which sign and where', () => {
    expect(foldName('ab c')).toMatchObject({
      refusal: { reason: 'name_sign', codePoint: 0x20, at: 2 },
    })
  })
})

describe('mail addresses', () => {
  test.each([
    ['juliet@example.com', 'juliet@example.com'],
    ['Juliet@EXAMPLE.com', 'juliet@example.com'],
    ["o'hara+news@example.com", "o'hara+news@example.com"],
    ['a.b@example.com', 'a.b@example.com'],
    ['ann@b\u00FCcher.example', 'ann@xn--bcher-kva.example'],
    ['ann@xn--bcher-kva.example', 'ann@xn--bcher-kva.example'],
    ['ann@BU\u0308CHER.example', 'ann@xn--bcher-kva.example'],
    ['ann@example\u3002org', 'ann@example.org'],
    // A wide at sign, and a second one.
    ['ann\uFF20example.org', '(address_malformed)'],
    ['ann\uFE6Bexample.org', '(name_sign)'],
    ['ann@\uFF20example.org', '(address_malformed)'],
    ['ann@evil.example@example.org', '(address_malformed)'],
    ['ann@evil.example\uFF20example.org', '(address_malformed)'],
    // Forms that mail programs read differently.
    ['"ann@evil.example"@example.org', '(address_malformed)'],
    ['"ann"@example.org', '(address_malformed)'],
    ['ann@evil.example,bob@example.org', '(address_malformed)'],
    ['ann,bob@example.org', '(address_malformed)'],
    ['team:ann@example.org;', '(address_malformed)'],
    ['<ann@example.org>', '(address_malformed)'],
    ['Ann <ann@example.org>', '(address_malformed)'],
    ['ann(work)@example.org', '(address_malformed)'],
    ['ann@(work)example.org', '(address_malformed)'],
    ['ann@example.org\r\nBcc: eve@evil.example', '(address_malformed)'],
    ['ann\r\n@example.org', '(address_malformed)'],
    ['ann@exa\tmple.org', '(address_malformed)'],
    ['ann @example.org', '(address_malformed)'],
    [' ann@example.org', '(address_malformed)'],
    ['ann@example.org ', '(address_malformed)'],
    ['ann\u0000@example.org', '(address_malformed)'],
    ['ann@example.org\u0000', '(address_malformed)'],
    ['ann@ex\uD800ample.org', '(address_malformed)'],
    ['\u00E4nn@example.org', '(address_malformed)'],
    ['\uFF41nn@example.org', '(address_malformed)'],
    // Dots.
    ['.ann@example.org', '(address_malformed)'],
    ['ann.@example.org', '(address_malformed)'],
    ['a..n@example.org', '(address_malformed)'],
    ['ann@example..org', '(address_malformed)'],
    ['ann@.example.org', '(address_malformed)'],
    ['ann@example.org.', '(address_malformed)'],
    // Domains that are no names.
    ['@example.org', '(address_malformed)'],
    ['ann@', '(address_malformed)'],
    ['@', '(address_malformed)'],
    ['ann@localhost', '(address_malformed)'],
    ['ann@127.0.0.1', '(address_malformed)'],
    ['ann@0x7f.1', '(address_malformed)'],
    ['ann@\uFF11.2.3.4', '(address_malformed)'],
    ['ann@[127.0.0.1]', '(address_malformed)'],
    ['ann@[::1]', '(address_malformed)'],
    ['ann@-example.org', '(address_malformed)'],
    ['ann@example-.org', '(address_malformed)'],
    ['ann@exa_mple.org', '(address_malformed)'],
    ['ann@exam%70le.org', '(address_malformed)'],
    ['ann@example.org/path', '(address_malformed)'],
    [`${'a'.repeat(65)}@example.org`, '(address_malformed)'],
    [`ann@${'a'.repeat(64)}.org`, '(address_malformed)'],
    [`ann@${`${'a'.repeat(62)}.`.repeat(4)}org`, '(name_too_long)'],
  ])('%j has the key %j', (typed, key) => {
    expect(keyOf(typed)).toBe(key)
  })

  test('a refusal names the part', () => {
    expect(foldName('ann@example@org')).toMatchObject({ refusal: { part: 'at sign' } })
    expect(foldName('a n@example.org')).toMatchObject({ refusal: { part: 'local part' } })
    expect(foldName('ann@example')).toMatchObject({ refusal: { part: 'domain' } })
  })

  test('keeps the local part as typed for mail', () => {
    expect(foldName('Ann.Lee@EXAMPLE.org')).toMatchObject({
      value: { kind: 'address', shown: 'Ann.Lee@example.org' },
    })
  })
})

describe('for any text', () => {
  const anyText = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 40 }),
    fc.string({ unit: 'grapheme', maxLength: 40 }),
    fc.emailAddress(),
  )

  test('folding a key or the shown form again gives the same key', () => {
    fc.assert(
      fc.property(anyText, (typed) => {
        const folded = foldName(typed)
        if (!folded.ok) return
        const { key, shown } = folded.value
        expect(keyOf(key)).toBe(key)
        expect(keyOf(shown)).toBe(key)
      }),
    )
  })

  test('a name and its decomposed or wide spelling have one key', () => {
    fc.assert(
      fc.property(anyText, (typed) => {
        const folded = foldName(typed)
        if (!folded.ok) return
        expect(keyOf(typed.normalize('NFD'))).toBe(folded.value.key)
        const other = folded.value.kind === 'username' ? widen(typed) : typed.toUpperCase()
        expect(keyOf(other)).toBe(folded.value.key)
      }),
    )
  })

  test('a key has one at sign or is no address', () => {
    fc.assert(
      fc.property(anyText, (typed) => {
        const folded = foldName(typed)
        if (!folded.ok) return
        const { key, kind } = folded.value
        expect(key.split('@').length - 1).toBe(kind === 'address' ? 1 : 0)
      }),
    )
  })
})

test('each code point of the first two planes folds to a key that is stable, or is refused', () => {
  let accepted = 0
  for (let point = 0; point <= 0x1ffff; point += 1) {
    const folded = foldName(String.fromCodePoint(point))
    if (!folded.ok) continue
    accepted += 1
    if (keyOf(folded.value.key) !== folded.value.key) throw new Error(point.toString(16))
  }
  expect(accepted).toBeGreaterThan(50_000)
})

/** ASCII letters in their wide forms. */
function widen(text: string): string {
  return Array.from(text, (sign) =>
    sign > ' ' && sign <= '~' ? String.fromCharCode(sign.charCodeAt(0) + 0xfee0) : sign,
  ).join('')
}
