/**
 * The floors of one package. Each folder or single file directly under `src` has a floor; folders in
 * `split` have floors one step deeper.
 */
export interface Floors {
  readonly packageFolder: string
  readonly name: string
  /** Folders by floor, the lowest first. A folder imports only folders of lower floors. */
  readonly floors: readonly (readonly string[])[]
  /** Folders whose sub-folders each have a floor. */
  readonly split: readonly string[]
  /** The lowest floor that may import another package of this workspace. */
  readonly packages: Readonly<Record<string, number>>
}

/**
 * The allowed imports.
 * Why: a reader of a folder needs to know only the folders below it.
 */
export const house: readonly Floors[] = [
  {
    packageFolder: 'packages/jwt',
    name: '@countersign/jwt',
    split: [],
    packages: {},
    floors: [
      ['result', 'time'],
      ['bytes'],
      ['crypto'],
      ['jwk'],
      ['jws', 'jwe'],
      ['jwt'],
      ['profiles'],
      ['index'],
    ],
  },
  {
    packageFolder: 'packages/guard',
    name: '@countersign/guard',
    split: [],
    packages: { '@countersign/jwt': 0 },
    floors: [
      ['policy', 'outbound'],
      ['refusal'],
      ['credentials', 'keys', 'introspection', 'sender', 'revocations', 'permissions'],
      ['challenge', 'explain-refusal', 'token'],
      ['guard'],
      ['adapters', 'testing'],
      ['index'],
    ],
  },
  {
    packageFolder: 'packages/server',
    name: 'countersign',
    split: ['store'],
    packages: { '@countersign/jwt': 0, '@countersign/guard': 4 },
    floors: [
      ['coalesce', 'maybe-promise', 'prepared-hmac', 'token-detail'],
      ['audit', 'config'],
      ['store/port'],
      [
        'keys',
        'http',
        'store/verbs',
        'store/sqlite',
        'store/postgres',
        'store/migrations',
        'store/housekeeping',
      ],
      ['tokens', 'hashing', 'limits', 'mail', 'store/open-store', 'store/backup', 'store/move'],
      ['grants', 'clients', 'users', 'resources', 'revocation'],
      ['sessions', 'passkeys', 'authorization'],
      ['admin', 'pages'],
      ['endpoints'],
      ['main'],
      ['cli'],
      ['index'],
    ],
  },
]
