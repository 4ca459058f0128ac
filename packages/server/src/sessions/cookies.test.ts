import { expect, it } from 'vitest'
import { createCookieJar } from './cookies.ts'

const secure = createCookieJar('https://id.example/tenant')
const plain = createCookieJar('http://localhost:8000')

it('over https each name has the prefix that only this host can set, and plain names are for loopback', () => {
  expect(secure.names).toEqual({
    access: '__Host-Http-cs',
    secret: '__Host-Http-cs-r',
    browser: '__Host-Http-cs-b',
    device: '__Host-Http-cs-d',
  })
  expect(Object.values(plain.names)).toEqual(['cs', 'cs-r', 'cs-b', 'cs-d'])
})

it('a cookie is for this host, for all paths, for no script and for TLS', () => {
  const attributes = '; Path=/; HttpOnly; SameSite=Lax; Secure'
  expect(secure.set('access', 'token')).toBe(`__Host-Http-cs=token${attributes}`)
  expect(secure.set('secret', 'x', 60.9)).toBe(`__Host-Http-cs-r=x${attributes}; Max-Age=60`)
  expect(secure.clear('browser')).toBe(`__Host-Http-cs-b=${attributes}; Max-Age=0`)
  expect(plain.set('access', 'token')).toBe('cs=token; Path=/; HttpOnly; SameSite=Lax')
})

it.each([
  ['nothing', undefined, undefined, ''],
  [
    'the token and the cookies of others',
    'a=1; cs=t; cs-r=s;cs-b=b ; cs-d=d; c=2=3',
    undefined,
    'cs=t; a=1; c=2=3',
  ],
  ['a new token in the place of the old', 'cs=old; a=1', 'cs=new; Path=/; HttpOnly', 'cs=new; a=1'],
  ['no token that comes twice', 'cs=t; cs=u; a=1', undefined, 'a=1'],
  ['no secret that comes twice', 'cs-r=s; cs-r=t; a=1; cs-b=b; cs-b=c', undefined, 'a=1'],
])('an application sees %s', (_, cookie, renewed, seen) => {
  expect(plain.forApps({ headers: { cookie } }, renewed)).toBe(seen)
})

it.each([
  ['no header', undefined, {}],
  ['an empty header', '', {}],
  [
    'its own cookies among others',
    'a=1; cs=t; cs-r=s;cs-b=b ; cs-d=d',
    { access: 't', secret: 's', browser: 'b', device: 'd' },
  ],
  ['an equals sign in the value', 'cs=a=b', { access: 'a=b' }],
  ['an empty value', 'cs=', {}],
  ['a name that comes twice', 'cs-r=a; cs-r=a', {}],
  ['a name that comes three times', 'cs-r=a; cs-r=b; cs-r=c', {}],
  ['another case', 'CS=t', {}],
  ['a no-break space before the name', '\u00a0cs=t', {}],
  ['no equals sign', 'cs; cs-r', {}],
  ['names of object members', '__proto__=x; constructor=y; cs=t', { access: 't' }],
])('reads %s', (_, cookie, found) => {
  const none = { access: undefined, secret: undefined, browser: undefined, device: undefined }
  expect(plain.read({ headers: { cookie } })).toEqual({ ...none, ...found })
})
