import { expect, test } from 'vitest'
import { checkNextSteps } from './next-step.ts'

const last = 'Next: [guard](guard.md) protects a route.\n'

test.each([
  ['a guide that ends with a link', 'docs/a.md', `# A\n\n${last}`, 0],
  ['a guide with nothing at its end', 'docs/a.md', '# A\n\nText.\n', 1],
  ['a next step without a link', 'docs/a.md', '# A\n\nNext: read the guide.\n', 1],
  ['a next step with text below it', 'docs/a.md', `# A\n\n${last}\nMore.\n`, 1],
  ['a next step inside another paragraph', 'docs/a.md', `# A\n\nText.\n${last}`, 1],
  ['a page of the reference', 'docs/reference/a.md', '# A\n', 1],
  ['the README', 'README.md', '# A\n', 1],
  ['the README of a package', 'packages/jwt/README.md', '# A\n', 1],
  ['the README of the examples', 'examples/README.md', '# A\n', 1],
  ['the security page', 'SECURITY.md', '# A\n', 1],
  ['a page for people who work on the project', 'CONTRIBUTING.md', '# A\n', 0],
  ['a file that is no page', 'docs/a.svg', '<svg/>\n', 0],
])('%s', (_, path, text, faults) => {
  expect(checkNextSteps([{ path, text }])).toHaveLength(faults)
})
