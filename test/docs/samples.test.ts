import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { blocksOf, givenAbove } from './blocks.ts'
import { documents, root } from './documents.ts'

const samples = documents.flatMap((path) => {
  const markdown = readFileSync(join(root, path), 'utf8')
  return blocksOf(markdown)
    .filter(({ language }) => language === 'ts')
    .map(({ text, line }) => ({
      name: `${path.replaceAll(/\W/gu, '-')}-line-${line}.mts`,
      text: `${givenAbove(markdown, line)}${text}\nexport {}\n`,
    }))
})

test('every TypeScript sample of the documents is accepted by the compiler', () => {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-samples-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  for (const { name, text } of samples) writeFileSync(join(folder, name), text)
  const compilerOptions = {
    noEmit: true,
    allowImportingTsExtensions: true,
    customConditions: ['countersign-source'],
    noUnusedLocals: false,
  }
  const config = { extends: join(root, 'tsconfig.base.json'), compilerOptions, include: ['*.mts'] }
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config))
  const tsc = join(root, 'node_modules/.bin/tsc')
  const { stdout } = spawnSync(tsc, ['-p', '.'], { cwd: folder, encoding: 'utf8' })
  expect(stdout).toBe('')
  expect(readdirSync(folder).filter((name) => name.endsWith('.mts'))).toHaveLength(samples.length)
})
