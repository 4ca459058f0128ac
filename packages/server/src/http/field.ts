/** One named value of a request or an answer, for the reference of the HTTP interface. */
export interface Field {
  readonly name: string
  /** One sentence. */
  readonly about: string
  /** The type in JSON. Default: string. */
  readonly type?: 'integer' | 'boolean' | 'object' | 'array'
  /** Whether it must be there. Default: false. */
  readonly isRequired?: true
  /** Its only values. Default: any. */
  readonly values?: readonly string[]
}
