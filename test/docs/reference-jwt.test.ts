import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  isProvenReason,
  jwtRefusalReasons,
  keyRefusalReasons,
  profileRefusalReasons,
} from '@countersign/jwt'
import { describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '..', '..')
const read = (...path: readonly string[]): string => readFileSync(join(root, ...path), 'utf8')
const page = read('docs', 'reference', 'jwt.md')
const other = read('docs', 'reference', 'jwe.md')
const source = read('packages', 'jwt', 'src', 'index.ts')

describe('the reference of the core', () => {
  it('has every public name', () => {
    const lists = [...source.matchAll(/\{([^}]*)\} from/gu)].flatMap(([, list = '']) =>
      list.split(','),
    )
    const names = lists
      .map((name) => name.replace('type ', '').trim())
      .filter((name) => name !== '')
    const encrypted = (name: string): boolean => /crypt|[Jj]we|ContentEncryption/u.test(name)
    expect(names.length).toBeGreaterThan(80)
    expect(names.filter((name) => !encrypted(name) && !page.includes(`\n### ${name}\n`))).toEqual(
      [],
    )
    expect(other).toContain('decryptJwt')
  })

  it('has every reason, on the right side of the signature', () => {
    const rows = jwtRefusalReasons.map(
      (reason) => `\n| \`${reason}\` | ${isProvenReason(reason) ? 'yes' : 'no'} |`,
    )
    expect(rows.filter((row) => !page.includes(row))).toEqual([])
    const others = [...profileRefusalReasons, ...keyRefusalReasons]
    expect(others.filter((reason) => !page.includes(`\`${reason}\``))).toEqual([])
  })
})
