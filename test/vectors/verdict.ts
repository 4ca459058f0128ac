/** The answer of our code to one case, or the reason why the case is outside JOSE. */
export type Verdict =
  | { readonly did: 'accepted' }
  | { readonly did: 'refused' }
  | { readonly did: 'foreign'; readonly reason: string }

export const accepted: Verdict = { did: 'accepted' }
export const refused: Verdict = { did: 'refused' }

/** A case outside JOSE, or outside what we implement; it is counted as a deviation with this reason. */
export function foreign(reason: string): Verdict {
  return { did: 'foreign', reason }
}

/** A case whose algorithm the current runtime lacks. docs/runtimes.md lists the gaps of each runtime. */
export function lacks(name: string): Verdict {
  return foreign(`this runtime lacks ${name}`)
}

/** Accepted or refused, as a condition says. */
export function acceptedIf(condition: boolean): Verdict {
  return condition ? accepted : refused
}

/** One case of a published file: an id, the published result, and members that its shape explains. */
export interface Case {
  readonly tcId: number
  readonly comment: string
  readonly result: 'valid' | 'invalid' | 'acceptable'
  readonly flags?: readonly string[]
  readonly [member: string]: unknown
}

/** The common part of the cases of one group, most often a key. */
export interface Group {
  readonly type: string
  readonly tests: readonly Case[]
  readonly [member: string]: unknown
}

export interface VectorFile {
  readonly algorithm?: string
  readonly schema: string
  readonly testGroups: readonly Group[]
}

/** The function that runs the cases of one shape. */
export type Shape = (test: Case, group: Group, file: VectorFile) => Verdict

/** One row of the deviation table. */
export interface Deviation {
  readonly file: string
  readonly ids: readonly (number | string)[]
  readonly reason: string
}

/** The result of one file. */
export interface FileReport {
  readonly file: string
  readonly cases: number
  readonly agreed: number
  readonly deviations: readonly Deviation[]
  readonly unexplained: readonly string[]
}

/** Reads a member as text. Published files leave out empty members. */
export function text(from: Readonly<Record<string, unknown>>, member: string): string {
  const value = from[member]
  return typeof value === 'string' ? value : ''
}

/** Reads a member as bytes written in hexadecimal. */
export function hex(from: Readonly<Record<string, unknown>>, member: string): Buffer {
  return Buffer.from(text(from, member), 'hex')
}

/** Reads a member as a number. */
export function number(from: Readonly<Record<string, unknown>>, member: string): number {
  const value = from[member]
  return typeof value === 'number' ? value : 0
}

/** Reads a member as an object, such as a JWK. */
export function record(
  from: Readonly<Record<string, unknown>>,
  member: string,
): Readonly<Record<string, unknown>> | undefined {
  const value = from[member]
  return isRecord(value) ? value : undefined
}

/** Whether a value is a JSON object. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
