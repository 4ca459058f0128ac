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

/** Encrypted tokens have a page of their own, written as a table. */
const isEncrypted = (name: string): boolean => /crypt|[Jj]we|ContentEncryption/u.test(name)
const core = exportsOf('packages/jwt/src/index.ts')

describe('the reference of the core', () => {
  it('has every public name', () => {
    expect(core.length).toBeGreaterThan(80)
    const missing = core.filter(({ name }) => !isEncrypted(name) && sectionOf(name) === undefined)
    expect(missing).toEqual([])
    expect(other).toContain('decryptJwt')
  })

  it.each(core.filter(({ name }) => !isEncrypted(name)))(
    'shows $name with its docstring and its declaration',
    ({ name, docstring, text }) => {
      const [said = '', shown = ''] = sectionOf(name)?.split('```text') ?? []
      expect(onOneLine(said.replaceAll('\n- **', '\n').replaceAll('**', ''))).toBe(docstring)
      expect(onOneLine(text)).toContain(onOneLine(shown.split('```', 1).join('')))
    },
  )

  it('has every reason, on the right side of the signature', () => {
    const rows = jwtRefusalReasons.map(
      (reason) => `\n| \`${reason}\` | ${isProvenReason(reason) ? 'yes' : 'no'} |`,
    )
    expect(rows.filter((row) => !page.includes(row))).toEqual([])
    const others = [...profileRefusalReasons, ...keyRefusalReasons]
    expect(others.filter((reason) => !page.includes(`\`${reason}\``))).toEqual([])
  })
})

it.each([
  'packages/jwt/src/index.ts',
  'packages/guard/src/index.ts',
  'packages/guard/src/revocations/index.ts',
  'packages/guard/src/testing/index.ts',
])('every public name of %s has a docstring', (index) => {
  expect(exportsOf(index).filter(({ docstring }) => docstring === '')).toEqual([])
})

interface Exported {
  readonly name: string
  readonly docstring: string
  /** The file that declares it. */
  readonly text: string
}

/** The names that an index exports, each with its docstring. */
function exportsOf(index: string): readonly Exported[] {
  const lists = [...read(index).matchAll(/\{([^}]*)\} from '([^']*)'/gu)]
  return lists.flatMap(([, list = '', path = '']) => {
    const text = read(index, '..', path)
    const names = list.split(',').map((name) => name.replace('type ', '').trim())
    return names
      .filter((name) => name !== '')
      .map((name) => declarationOf(name, [index, '..', path], text))
  })
}

/** The file that declares a name. A file that only passes the name on leads to the next one. */
function declarationOf(name: string, path: readonly string[], text: string): Exported {
  const passedOn = [...text.matchAll(/^export (?:type )?\{([^}]*)\} from '([^']*)'/gmu)]
  const [, , next] = passedOn.find(([, list = '']) => list.split(/[\s,]+/u).includes(name)) ?? []
  if (next === undefined) return { name, docstring: docstringOf(name, text), text }
  const further = [...path, '..', next]
  return declarationOf(name, further, read(...further))
}

function docstringOf(name: string, text: string): string {
  const declared = new RegExp(`export (?:function|const|interface|type|class) ${name}\\b`, 'u')
  const before = text.slice(0, text.search(declared))
  if (!before.endsWith('*/\n')) return ''
  return onOneLine(before.slice(before.lastIndexOf('/**') + 3, -3).replaceAll('\n *', '\n'))
}

function sectionOf(name: string): string | undefined {
  return page.split(`\n### ${name}\n`)[1]?.split('\n## ', 1)[0]
}

function onOneLine(text: string): string {
  return text.replace(/\s+/gu, ' ').trim()
}
