import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { expectations } from './expectations.ts'

const read = (path: string) => readFileSync(join(import.meta.dirname, path), 'utf8')
const document = read('../../docs/foreign-software.md')
const manifests: Readonly<Record<string, string>> = {
  npm: read('npm/package.json'),
  python: read('python/requirements.txt'),
  go: read('go/go.mod'),
  'go-servers': read('go-servers/go.mod'),
  rust: read('rust/Cargo.toml'),
  java: read('java/pom.xml'),
  debian: read('debian/packages.txt'),
}

test.each(expectations)('$library of $group is pinned and documented', ({ group, library }) => {
  const version = library.slice(library.lastIndexOf(' ') + 1)
  expect(manifests[group]).toContain(version)
  expect(document).toContain(library)
})

test('the documented partners of a library are pinned', () => {
  const partners = [...document.matchAll(/\bwith ([a-z-]+) (\d[\w.]*\d)/gu)]
  expect(partners.length).toBeGreaterThan(5)
  const all = Object.values(manifests).join('\n')
  for (const [, name, version] of partners)
    expect(all.includes(version ?? 'no version'), `${name} ${version}`).toBe(true)
})

test('each expected program has a file', () => {
  const files = Object.keys(manifests).flatMap((group) =>
    readdirSync(join(import.meta.dirname, group), { recursive: true, encoding: 'utf8' })
      .filter((name) => !name.includes('node_modules'))
      .map((name) => `${group}/${name}`),
  )
  const isThere = ({ group, program }: (typeof expectations)[number]) =>
    files.some((file) => new RegExp(`^${group}/(?:.*/)?${program}(?:[.]|/main[.])`, 'u').test(file))
  expect(expectations.filter((one) => !isThere(one)).map(({ program }) => program)).toEqual([])
})
