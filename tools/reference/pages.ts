import { httpPage } from './http-page.ts'

/** One generated page of the reference. */
export interface ReferencePage {
  /** The path from the top of the repository. */
  readonly path: string
  readonly make: () => string | Promise<string>
}

/** All generated pages. To add one, write its function in a file and list it here. */
export const referencePages: readonly ReferencePage[] = [
  { path: 'docs/reference/http.md', make: httpPage },
]
