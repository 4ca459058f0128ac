import { expect, test } from 'vitest'
import { checkFloors } from './floors.ts'
import type { ProjectFile } from './project-files.ts'

const manifest = (folder: string, dependencies: Record<string, string> = {}): ProjectFile => ({
  path: `packages/${folder}/package.json`,
  text: JSON.stringify({ dependencies }),
})
const good: readonly ProjectFile[] = [
  manifest('jwt'),
  manifest('guard', { '@countersign/jwt': '1' }),
  manifest('server', { '@countersign/jwt': '1', '@countersign/guard': '1', pg: '1' }),
  { path: 'packages/jwt/src/bytes/base64url.ts', text: "import { ok } from '../result.ts'\n" },
  { path: 'packages/jwt/src/crypto/sign.ts', text: "import { sign } from 'node:crypto'\n" },
  { path: 'packages/jwt/src/jws/sign.ts', text: "import {\n  a,\n} from '../crypto/sign.ts'\n" },
  {
    path: 'packages/server/src/store/sqlite/open.ts',
    text: "import { x } from '../port/store.ts'\n",
  },
  { path: 'packages/server/src/clients/a.ts', text: "import { g } from '@countersign/guard'\n" },
]

const planted: readonly { name: string; path: string; text: string; fault: string }[] = [
  {
    name: 'an upward edge',
    path: 'packages/jwt/src/bytes/bad.ts',
    text: "import { importKey } from '../jwk/import.ts'\n",
    fault: 'packages/jwt/src/bytes/bad.ts:1 imports upwards: bytes (floor 1) → jwk (floor 3)',
  },
  {
    name: 'an upward edge of types alone, over several lines',
    path: 'packages/server/src/tokens/bad.ts',
    text: "/** import { a } from '../endpoints/x.ts' */\nexport type {\n  A,\n} from '../grants/a.ts'\n",
    fault:
      'packages/server/src/tokens/bad.ts:4 imports upwards: tokens (floor 4) → grants (floor 5)',
  },
  {
    name: 'an upward edge that is loaded late',
    path: 'packages/server/src/http/bad.ts',
    text: "const later = () => import('../endpoints/x.ts')\n",
    fault:
      'packages/server/src/http/bad.ts:1 imports upwards: http (floor 3) → endpoints (floor 8)',
  },
  {
    name: 'a sideways edge',
    path: 'packages/jwt/src/jws/bad.ts',
    text: "import { open } from '../jwe/open.ts'\n",
    fault: 'packages/jwt/src/jws/bad.ts:1 imports sideways: jws → jwe, both on floor 4',
  },
  {
    name: 'a sideways edge between two drivers of the store',
    path: 'packages/server/src/store/sqlite/bad.ts',
    text: "import '../postgres/x.ts'\n",
    fault: 'store/sqlite → store/postgres, both on floor 3',
  },
  {
    name: 'a relative import across packages',
    path: 'packages/guard/src/bad.ts',
    text: "import { ok } from '../../jwt/src/result.ts'\n",
    fault: 'across packages: name the package instead',
  },
  {
    name: 'a folder without a floor',
    path: 'packages/jwt/src/attic/bad.ts',
    text: "import { ok } from '../result.ts'\n",
    fault: 'is in the folder "attic", which has no floor',
  },
  {
    name: 'the guard below the floor from which it may be used',
    path: 'packages/server/src/keys/bad.ts',
    text: "import { createGuard } from '@countersign/guard/node'\n",
    fault: 'only folders from floor 4 on may: keys is lower',
  },
  {
    name: 'node:crypto outside its folder',
    path: 'packages/jwt/src/jws/bad.ts',
    text: "import { sign } from 'node:crypto'\n",
    fault: 'only src/crypto may',
  },
  {
    name: 'a package that is not declared',
    path: 'packages/guard/src/adapters/bad.ts',
    text: "import type { Context } from 'hono'\n",
    fault: 'imports hono, which @countersign/guard does not declare',
  },
  {
    name: 'a long file',
    path: 'packages/jwt/src/jwk/long.ts',
    text: '\n'.repeat(350) + 'const end = 1\n',
    fault: 'packages/jwt/src/jwk/long.ts has 351 lines; the limit is 350',
  },
  {
    name: 'a long test',
    path: 'test/long.test.ts',
    text: '\n'.repeat(700) + 'const end = 1\n',
    fault: 'test/long.test.ts has 701 lines; the limit is 700',
  },
  {
    name: 'a file that imports itself',
    path: 'packages/jwt/src/jwk/self.ts',
    text: "import type { Self } from './self.ts'\n",
    fault: 'packages/jwt/src/jwk/self.ts → packages/jwt/src/jwk/self.ts is a circle of imports',
  },
  {
    name: 'a folder that says nothing',
    path: 'packages/server/src/http/utils/x.ts',
    text: '',
    fault: 'lies in a folder called "utils"',
  },
]

test('files in order have no faults, and the graph is drawn from the top floor down', () => {
  const { faults, graph } = checkFloors(good)
  expect(faults).toEqual([])
  expect(graph).toContain('@countersign/jwt\n  4  jws → crypto\n  2  crypto\n  1  bytes → result')
  expect(graph).toContain('  3  store/sqlite → store/port')
})

test.each(planted)('$name is a fault', ({ path, text, fault }) => {
  const { faults } = checkFloors([...good, { path, text }])
  expect(faults).toHaveLength(1)
  expect(faults[0]).toContain(fault)
})

test('files that import each other are a fault, also where types alone make the circle', () => {
  const circle = [
    { path: 'packages/jwt/src/jwk/a.ts', text: "import { b } from './b.ts'\n" },
    { path: 'packages/jwt/src/jwk/b.ts', text: "export type { C } from './c.ts'\n" },
    { path: 'packages/jwt/src/jwk/c.ts', text: "import type { A } from './a.ts'\n" },
    { path: 'packages/jwt/src/jwk/d.ts', text: "import { a } from './a.ts'\n" },
  ]
  expect(checkFloors([...good, ...circle]).faults).toEqual([
    'packages/jwt/src/jwk/a.ts → packages/jwt/src/jwk/b.ts → packages/jwt/src/jwk/c.ts → packages/jwt/src/jwk/a.ts is a circle of imports',
  ])
})

test('tests may look upwards, but not across packages by a path', () => {
  const path = 'packages/jwt/src/bytes/x.test.ts'
  expect(checkFloors([...good, { path, text: "import '../jwt/x.ts'\n" }]).faults).toEqual([])
  const across = checkFloors([...good, { path, text: "import '../../../guard/src/x.ts'\n" }])
  expect(across.faults).toHaveLength(1)
})
