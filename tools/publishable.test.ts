import { expect, test } from 'vitest'
import { missingAddresses } from './publishable.ts'

const address = 'https://example.com/countersign'

test.each([
  { name: 'nothing', manifest: {}, missing: ['repository', 'homepage', 'bugs'] },
  { name: 'a repository', manifest: { repository: address }, missing: ['homepage', 'bugs'] },
  {
    name: 'all three',
    manifest: { repository: address, homepage: address, bugs: address },
    missing: [],
  },
])('a manifest with $name lacks $missing', ({ manifest, missing }) => {
  expect(missingAddresses(manifest)).toEqual(missing)
})
