import type { ProjectFile } from './project-files.ts'

/** The pages for users. ARCHITECTURE, CONTRIBUTING and CHANGELOG are for people who work on the project. */
const page = /^(?:docs\/.+|SECURITY|(?:examples\/|packages\/\w+\/)?README)\.md$/u

/** Finds pages for users that do not end with the next step: a paragraph `Next: …` with a link. */
export function checkNextSteps(files: readonly ProjectFile[]): readonly string[] {
  return files
    .filter(({ path, text }) => page.test(path) && !endsWithNextStep(text))
    .map(({ path }) => `${path} does not end with the next step: write "Next: [page](page.md) …"`)
}

function endsWithNextStep(text: string): boolean {
  const last =
    text
      .trimEnd()
      .split(/\n\s*\n/u)
      .at(-1) ?? ''
  return last.startsWith('Next: ') && last.includes('](')
}
