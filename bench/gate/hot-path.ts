import { createPublicKey } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { cycle } from '../jwt/cycle.ts'
import { audience, given, issuer } from '../jwt/material.ts'
import type { Material } from '../jwt/material.ts'
import type { Work } from '../method/work.ts'

/** A hot path of one of the two compared trees. */
export interface HotPath {
  readonly tree: string
  readonly path: 'verify' | 'sign' | 'admit'
  readonly file: string
}

/** Runs one hot path with the code of one tree. */
export function prepare(argument: string): Promise<Work> {
  const { tree, path, file }: HotPath = JSON.parse(argument)
  const material: Material = JSON.parse(readFileSync(file, 'utf8'))
  return path === 'admit' ? admitting(tree, material) : coreWork(tree, path, material)
}

async function coreWork(tree: string, path: 'verify' | 'sign', material: Material): Promise<Work> {
  const core: Core = await import(entryOf(tree, 'jwt'))
  const { alg, kid, claims, tokens, secret } = material
  const key = core.unwrap(core.importKey(Buffer.from(given(secret), 'base64url'), { alg, kid }))
  if (path === 'sign') {
    const next = cycle(claims)
    return repeat(() => core.signJwt(next(), key, { typ: 'at+jwt' }).length > 0)
  }
  const verify = verifierMaker(core)({
    keys: key,
    issuer,
    audience,
    algorithms: [alg],
    typ: 'at+jwt',
  })
  const next = cycle(tokens)
  return repeat(() => verify(next()).ok)
}

type Core = typeof import('@countersign/jwt')

/** Finds the maker of verifiers. Earlier trees name it `createVerifier`. */
function verifierMaker(core: Core & { createVerifier?: Core['createJwtVerifier'] }) {
  return core.createVerifier ?? core.createJwtVerifier
}

async function admitting(tree: string, { alg, kid, tokens, publicPem }: Material): Promise<Work> {
  const { createGuard, nodeReader }: typeof import('@countersign/guard') = await import(
    entryOf(tree, 'guard')
  )
  const jwk = createPublicKey(given(publicPem)).export({ format: 'jwk' })
  const keys = { keys: [{ ...jwk, kid, alg, use: 'sig' }] }
  const guard = createGuard({ issuer, audience, algorithms: [alg], keys })
  const authorization = `Bearer ${tokens[0]}`
  const request = {
    method: 'GET',
    url: '/protected',
    headers: { authorization },
    rawHeaders: ['Authorization', authorization],
  }
  const requirement = guard.prepare()
  return repeat(() => {
    const outcome = guard.admit(nodeReader, request, requirement)
    return !(outcome instanceof Promise) && outcome.ok
  })
}

function entryOf(tree: string, name: string): string {
  return pathToFileURL(join(tree, 'packages', name, 'src', 'index.ts')).href
}

function repeat(once: () => boolean): Work {
  return (operations) => {
    for (let index = 0; index < operations; index += 1) if (!once()) throw new Error('refused')
  }
}
