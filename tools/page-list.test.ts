import { expect, test } from 'vitest'
import { checkPageList } from './page-list.ts'

const readme = (text: string) => ({ path: 'README.md', text })

test.each([
  ['a guide that the README links', readme('[A](docs/a.md)'), 'docs/a.md', 0],
  ['a guide that the README links at a part', readme('[A](docs/a.md#b)'), 'docs/a.md', 0],
  ['a guide that the README only names', readme('docs/a.md'), 'docs/a.md', 1],
  ['a guide that the README leaves out', readme('[A](docs/ab.md)'), 'docs/a.md', 1],
  ['a page of the reference', readme('[A](docs/b.md)'), 'docs/reference/a.md', 0],
  ['a picture', readme('[A](docs/b.md)'), 'docs/a.svg', 0],
])('%s', (_, start, path, faults) => {
  expect(checkPageList([start, { path, text: '' }])).toHaveLength(faults)
})
