import type { PageOptions, Pages } from './create-pages.ts'

/** Returns the pages. The renderer is loaded with the first call. */
export type LoadPages = () => Promise<Pages>

/** Why: a service whose pages nobody opens keeps its start time and its memory. */
export function createPageLoader(options: PageOptions): LoadPages {
  let loaded: Promise<Pages> | undefined
  return () =>
    (loaded ??= import('./create-pages.ts').then(({ createPages }) => createPages(options)))
}
