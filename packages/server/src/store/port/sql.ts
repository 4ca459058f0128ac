/** What the two databases spell differently; everything else is written in the words they share. */
export interface Dialect {
  /** The moment of the statement, in seconds since 1970. */
  readonly now: string
  /** Row locks at the end of a SELECT; empty where one writer at a time is the rule. */
  readonly lock: string
  readonly share: string
  readonly bytes: string
  /** The type of a self-counting primary key. */
  readonly identity: string
  /** Room left in pages of a table whose rows are rewritten in place. */
  readonly fill: string
  /** The next hash of a chain: SHA-256 over the hash in a column, nothing where that is null, and a digest; all in hex. */
  readonly chain: (column: string, digest: string) => string
  /** How parameter number n is written. */
  readonly param: (n: number) => string
}

/**
 * Writes a statement in the words of one database: `{now}`, `{lock}`, … and `$1` are replaced.
 * Why: done once per text, when it is prepared, so that no verb ever asks which database it talks to.
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
