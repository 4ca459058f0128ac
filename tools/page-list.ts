import type { ProjectFile } from './project-files.ts'

const guide = /^docs\/[\w-]+\.md$/u

/** Finds guides that the README does not link, so that a reader who starts there finds each of them. */
export function checkPageList(files: readonly ProjectFile[]): readonly string[] {
  const readme = files.find(({ path }) => path === 'README.md')
  if (readme === undefined) return []
  return files
    .filter(({ path }) => guide.test(path) && !readme.text.includes(`](${path}`))
    .map(({ path }) => `${path} is not in README.md: add it to "Where to go next"`)
}
