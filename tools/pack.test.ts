import { expect, test } from 'vitest'
import { describeInstall } from './pack.ts'

const names = ['@countersign/jwt', '@countersign/guard', 'countersign']

test.each([
  {
    name: 'a plain folder',
    folder: '/clone/packed',
    all: 'npm install /clone/packed/0.tgz /clone/packed/1.tgz /clone/packed/2.tgz',
    guard: 'npm install /clone/packed/0.tgz /clone/packed/1.tgz',
  },
  {
    name: 'a folder that a shell would misread',
    folder: "/ann's clone",
    all: `npm install '/ann'\\''s clone/0.tgz' '/ann'\\''s clone/1.tgz' '/ann'\\''s clone/2.tgz'`,
    guard: `npm install '/ann'\\''s clone/0.tgz' '/ann'\\''s clone/1.tgz'`,
  },
])('tarballs in $name are installed by one line', ({ folder, all, guard }) => {
  const packed = names.map((name, index) => ({ name, file: `${folder}/${index}.tgz` }))
  const lines = describeInstall(packed).split('\n')
  expect(lines.filter((line) => line.startsWith('npm install'))).toEqual([all, guard])
})
