import type { JsonObject } from '@countersign/jwt'
import { expect, it } from 'vitest'
import { objectToClaims, objectToRoles } from './client-claims.ts'

const fit = 'fit'
const many = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, at) => [`c${at}`, at]))

const roleRows: readonly (readonly [readonly string[], string])[] = [
  [[], fit],
  [['admin', 'orders:write', 'https://roles.test/editor'], fit],
  [['a'.repeat(64)], fit],
  [['a'.repeat(65)], 'is no role'],
  [[''], 'is no role'],
  [['two words'], 'is no role'],
  [['a,b'], 'is no role'],
  [['"quoted"'], 'is no role'],
  [['é'], 'is no role'],
  [['a\u0000'], 'is no role'],
  [Array.from({ length: 33 }, (_, at) => `r${at}`), '32 roles at most'],
]
it.each(roleRows)('the roles %j are %s', (roles, says) => {
  expect(objectToRoles(roles) ?? fit).toContain(says)
})

const claimRows: readonly (readonly [string, JsonObject, string])[] = [
  ['none', {}, fit],
  ['a text, a number, a truth and nothing', { a: 'x', b: 1.5, c: true, d: null }, fit],
  ['a list of objects', { a: [{ b: ['c'] }] }, fit],
  ['32 claims', many(32), fit],
  ['33 claims', many(33), '32 claims at most'],
  ['33 members, most of them inside', { a: many(32) }, '32 claims at most'],
  ['four levels', { a: { b: { c: {} } } }, fit],
  ['five levels', { a: { b: { c: { d: {} } } } }, '4 levels deep'],
  ['five levels of lists', { a: [[[[]]]] }, '4 levels deep'],
  ['1,024 bytes', { a: 'x'.repeat(1_016) }, fit],
  ['1,025 bytes', { a: 'x'.repeat(1_017) }, '1024 bytes of JSON at most, and these are 1025'],
  ['1,025 bytes in fewer letters', { a: `${'é'.repeat(508)}x` }, '1024 bytes'],
  ['a name of 64 letters', { ['n'.repeat(64)]: 1 }, fit],
  ['a name of 65 letters', { ['n'.repeat(65)]: 1 }, '1 to 64 letters'],
  ['an empty name', { '': 1 }, '1 to 64 letters'],
  ['roles', { roles: ['admin'] }, 'give them as roles'],
]
it.each(claimRows)('%s: %j', (_, claims, says) => {
  expect(objectToClaims(claims) ?? fit).toContain(says)
})

it.each(
  (
    'iss aud sub client_id username scope iat nbf exp jti cid cv uv sid cnf act may_act pjti pkid piat status ' +
    'acr amr auth_time azp nonce at_hash c_hash s_hash events active token_type'
  ).split(' '),
)('the claim %s is reserved', (name) => {
  expect(objectToClaims({ [name]: 'x' })).toBe(
    `The claim ${name} is reserved: the service writes it itself.`,
  )
})
