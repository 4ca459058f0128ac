import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'

import { vectorsAbsent, vectorsDir } from './dir.ts'
import { describeVectors, deviationTable, runVectors } from './main.ts'
import { runWycheproof } from './wycheproof.ts'

const dir = vectorsDir()
if (dir === undefined) console.log(`note: ${vectorsAbsent}`)

test.runIf(dir !== undefined)('every published case is answered as published, or explained', () => {
  const reports = runVectors(dir ?? '')
  const text = describeVectors(reports)
  console.log(`${text}\nnote: published vectors: ${text.split('\n').at(-1)}`)
  expect(reports.flatMap(({ unexplained }) => unexplained)).toEqual([])
  expect(reports.length).toBeGreaterThan(40)
  const page = readFileSync(join(import.meta.dirname, '../../docs/reference/vectors.md'), 'utf8')
  expect(page).toContain(deviationTable(reports).join('\n'))
})

test('the example on the page about encrypted tokens runs', () => {
  const root = join(import.meta.dirname, '../..')
  const page = readFileSync(join(root, 'docs/reference/jwe.md'), 'utf8')
  const start = page.indexOf('```ts\n') + 6
  const example = page.slice(start, page.indexOf('```\n', start))
  const flags = ['--conditions=countersign-source', '--input-type=module-typescript', '-e']
  const { stdout } = spawnSync(process.execPath, [...flags, example], {
    cwd: root,
    encoding: 'utf8',
  })
  expect(stdout).toBe('https://issuer.example\n')
})

function folderWith(file: object): string {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-vectors-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  writeFileSync(join(folder, 'made_up_test.json'), JSON.stringify(file))
  return folder
}

test('an unknown shape is unexplained, by its name', () => {
  const tests = [{ tcId: 1, comment: 'new', result: 'valid' }]
  const folder = folderWith({ schema: 'new.json', testGroups: [{ type: 'NewTest', tests }] })
  expect(runWycheproof(folder)).toMatchObject([
    { cases: 1, agreed: 0, unexplained: ['1 (new): nobody knows the shape NewTest (new.json)'] },
  ])
})

test('a wrong answer is unexplained: the run can fail', () => {
  const key = '000102030405060708090A0B0C0D0E0F'
  const wrapped = '1FA68B0A8112B447AEF34BD8FB5A7B829D3E862371D2CFE5'
  const good = { key, ct: wrapped, msg: '00112233445566778899aabbccddeeff' }
  const tests = [
    { tcId: 1, comment: 'right', result: 'valid', ...good },
    { tcId: 2, comment: 'said to be wrong', result: 'invalid', ...good },
    { tcId: 3, comment: 'another text', result: 'valid', ...good, msg: '00' },
  ]
  const group = { type: 'KeywrapTest', tests }
  const folder = folderWith({ schema: 'k', algorithm: 'AES-WRAP', testGroups: [group] })
  expect(runWycheproof(folder)).toMatchObject([
    {
      agreed: 1,
      unexplained: [
        '2 (said to be wrong): published as invalid, but accepted',
        '3 (another text): published as valid, but refused',
      ],
    },
  ])
})
