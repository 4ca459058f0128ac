/** A room is a folder, or a file standing alone, directly under a package's `src`; `store` is entered one step deeper. */
export interface Floors {
  readonly folder: string
  readonly name: string
  /** Rooms by floor, the lowest first. A room imports only rooms of lower floors. */
  readonly floors: readonly (readonly string[])[]
  /** Folders whose sub-folders are rooms of their own. */
  readonly split: readonly string[]
  /** From which of the floors on another package of ours may be imported. */
  readonly packages: Readonly<Record<string, number>>
}

/**
 * Who may import whom.
 * Why: a reader of a room needs to know the rooms below it and nothing else.
 */
export const house: readonly Floors[] = [
  {
    folder: 'packages/jwt',
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
    folder: 'packages/guard',
    name: '@countersign/guard',
    split: [],
    packages: { '@countersign/jwt': 0 },
    floors: [
      ['refusal', 'policy', 'outbound'],
      ['credentials', 'keys', 'introspection', 'sender', 'revocations', 'permissions'],
      ['challenge', 'token'],
      ['guard'],
      ['adapters', 'testing'],
      ['index'],
    ],
  },
  {
    folder: 'packages/server',
    name: 'countersign',
    split: ['store'],
    packages: { '@countersign/jwt': 0, '@countersign/guard': 5 },
    floors: [
      ['one-look'],
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
      ['tokens', 'store/open-store', 'store/backup'],
      ['grants', 'clients', 'resources', 'revocation'],
      ['admin'],
      ['endpoints'],
      ['main'],
      ['cli'],
      ['index'],
    ],
  },
]
