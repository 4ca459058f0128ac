import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { decodeUnverified, unwrap } from '@countersign/jwt'
import { expect, it } from 'vitest'
import { logIn } from './ask.ts'
import { aFolder, runToEnd, startDev } from './dev.ts'

const claims = `export function addClaims({ clientId }) { return { tenant: 'of ' + clientId } }\n`

it.each([
  ['a flag', ['--claims-module', 'claims.mjs'], {}, ''],
  ['the environment', [], { COUNTERSIGN_CLAIMS_MODULE: 'claims.mjs' }, ''],
  ['countersign.toml', [], {}, 'claimsModule = "claims.mjs"\n'],
] as const)('dev adds the claims of a module that %s names', async (_, args, env, toml) => {
  const folder = aFolder()
  writeFileSync(join(folder, 'claims.mjs'), claims)
  writeFileSync(join(folder, 'countersign.toml'), toml)
  const run = await startDev({ folder, args, env })
  const token = await logIn(run.port)
  await run.end()
  expect(run.output()).toContain('claims      claims.mjs')
  expect(unwrap(decodeUnverified(token)).claims).toMatchObject({ sub: 'foo', tenant: 'of foo' })
})

it.each([
  [
    'settings of serve',
    'issuer = "https://id.example"\nfeed = "closed"\n',
    '"countersign dev" does not use countersign.toml (issuer), countersign.toml (feed): remove them',
  ],
  ['a setting that is none', 'isuer = "x"\n', 'isuer in countersign.toml is no setting'],
  ['a port that is none', 'port = "http"\n', 'http is no port'],
  ['a host that is none', 'host = ["localhost"]\n', 'countersign.toml (host) must be a text.'],
  ['no toml', 'port =\n', 'countersign.toml is no toml at line 1'],
] as const)('dev does not start with %s in countersign.toml', async (_, toml, says) => {
  const folder = aFolder()
  writeFileSync(join(folder, 'countersign.toml'), toml)
  const { code, output } = await runToEnd({ folder, env: { PORT: '' } })
  expect({ code, output }).toEqual({ code: 1, output: expect.stringContaining(says) })
})
