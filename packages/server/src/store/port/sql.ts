/** The parts of SQL that the two databases spell differently; all other text is the same for both. */
export interface Dialect {
  /** The moment of the statement, in seconds since 1970. */
  readonly now: string
  /** Row locks at the end of a SELECT; empty where the database has one writer at a time. */
  readonly lock: string
  readonly share: string
  /** Locks rows at the end of a SELECT, and leaves out those that others have locked. */
  readonly skip: string
  readonly bytes: string
  /** The type of a primary key that the database numbers. */
  readonly identity: string
  /** The option that leaves free space in pages of a table whose rows are rewritten in place. */
  readonly fill: string
  /** The next hash of a chain: SHA-256 over the hash in a column, nothing where that is null, and a digest; all in hex. */
  readonly chain: (column: string, digest: string) => string
  /** Writes parameter number n. */
  readonly param: (n: number) => string
}

/**
 * Writes a statement in the dialect of one database: replaces `{now}`, `{lock}`, … and `$1`.
 * Why: it happens once for each text, when it is prepared, so no verb depends on the database.
 * Throws: on a token that no dialect knows.
 */
export function renderSql(text: string, dialect: Dialect): string {
  return text
    .replaceAll(/\{chain ([a-z_]+) (\$\d+)\}/g, (_, column: string, digest: string) =>
      dialect.chain(column, digest),
    )
    .replaceAll(/\{([a-z]+)\}/g, (_, token: string) => {
      switch (token) {
        case 'now':
        case 'lock':
        case 'share':
        case 'skip':
        case 'bytes':
        case 'identity':
        case 'fill':
          return dialect[token]
        default:
          throw new Error(`no dialect knows {${token}}`)
      }
    })
    .replaceAll(/\$(\d+)/g, (_, n: string) => dialect.param(Number(n)))
}
