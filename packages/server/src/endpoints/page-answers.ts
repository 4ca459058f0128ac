import type { Answer } from './reference.ts'

/** Makes the answers that are pages, for the reference. */
export function pageAnswers(rows: readonly (readonly [number, string])[]): readonly Answer[] {
  return rows.map(([status, about]) => ({ status, about, mediaType: 'text/html' }))
}
