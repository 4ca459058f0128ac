import { describe, expect, it, test } from 'vitest'
import { completePostgresAddress, readPostgresAddress } from './postgres-address.ts'

const host = (name: string, port = 5432) => ({ host: name, port })

describe('an address', () => {
  test.each([
    { text: 'postgres://u:p@h/db', hosts: [host('h')], password: 'p', database: 'db' },
    { text: 'postgresql://u@h:6000/db', hosts: [host('h', 6000)], database: 'db' },
    { text: 'postgres://u@h1:1,h2:2/db', hosts: [host('h1', 1), host('h2', 2)], database: 'db' },
    { text: 'postgres://u@h1,h2/db', hosts: [host('h1'), host('h2')], database: 'db' },
    {
      text: 'postgres://u@[2001:db8::1]:5433,[::1]/db',
      hosts: [host('2001:db8::1', 5433), host('::1')],
      database: 'db',
    },
    { text: 'postgres://u@%2Fvar%2Frun/db', hosts: [host('/var/run')], database: 'db' },
    { text: 'postgres://u@/db?host=/var/run', hosts: [host('/var/run')], database: 'db' },
    {
      text: 'postgres://u@/db?host=a,b&port=1,2',
      hosts: [host('a', 1), host('b', 2)],
      database: 'db',
    },
    {
      text: 'postgres://u:p%40ss%2Fw%23rd@h/db',
      hosts: [host('h')],
      password: 'p@ss/w#rd',
      database: 'db',
    },
    { text: 'postgres://u:a:b@h/db', hosts: [host('h')], password: 'a:b', database: 'db' },
    { text: 'postgres://u@h', hosts: [host('h')] },
    { text: 'postgres://', hosts: [host('')], user: undefined },
  ])('$text', ({ text, hosts, password, database, ...rest }) => {
    const user = 'user' in rest ? rest.user : 'u'
    expect(readPostgresAddress(text)).toMatchObject({
      ok: true,
      value: { hosts, user, password, database },
    })
  })
})

describe('a password that is not percent-encoded is named as that, and no part of it is shown', () => {
  test.each([
    'postgres://u:p@sS3cret/w#rd@h/db',
    'postgres://u:sS3cret#x@h/db',
    'postgres://u:sS3cret/x==@h/db',
    'postgres://u:sS3cret?x@h/db',
    'postgres://u:sS3cret@x@h/db',
    'postgres://u:sS3cret%@h/db',
    'postgres://u:sS3cret x@h/db',
  ])('%s', (text) => {
    const read = readPostgresAddress(text)
    expect(read).toMatchObject({
      ok: false,
      refusal: { problem: expect.stringContaining('percent-encode the password') },
    })
    expect(JSON.stringify(read)).not.toContain('S3cret')
  })

  it('a password without a host shows nothing either', () => {
    const read = readPostgresAddress('postgres://u:sS3cret')
    expect(read).toMatchObject({
      ok: false,
      refusal: { problem: expect.stringContaining('host or port') },
    })
    expect(JSON.stringify(read)).not.toContain('S3cret')
  })
})

describe('refuses', () => {
  test.each([
    ['::1/db', /host or port/u],
    ['[::1/db', /host or port/u],
    ['[::1]5432/db', /host or port/u],
    ['h:0/db', /host or port/u],
    ['h:65536/db', /host or port/u],
    ['h:1e3/db', /host or port/u],
    ['/db?host=a,b&port=1,2,3', /host or port/u],
    ['h/db?sslmode=prefer', /only disable, require, verify-ca, verify-full, no-verify/u],
    ['h/db?target_session_attrs=standby', /only any, read-write, primary/u],
    ['h/db?connect_timeout=10', /"connect_timeout", which has no effect here/u],
    ['h/db?ssl=0', /"ssl", which has no effect here/u],
  ])('postgres://u@%s', (rest, problem) => {
    expect(readPostgresAddress(`postgres://u@${rest}`)).toMatchObject({
      ok: false,
      refusal: { reason: 'no_address', problem: expect.stringMatching(problem) },
    })
  })
})

it('reads the older ssl=true as verify-full', () => {
  expect(readPostgresAddress('postgres://u@h/db?ssl=true')).toMatchObject({
    value: { parameters: { sslmode: 'verify-full' } },
  })
})

describe('the missing parts of an address come from the variables of libpq', () => {
  const all = {
    PGHOST: 'a,b',
    PGPORT: '1,2',
    PGUSER: 'me',
    PGPASSWORD: 'p@ss',
    PGDATABASE: 'main',
    PGSSLMODE: 'verify-full',
  }
  test.each([
    ['postgres://', all, 'postgres://me:p%40ss@a:1,b:2/main?sslmode=verify-full'],
    ['postgres://u@h/db?sslmode=disable', all, 'postgres://u:p%40ss@h:5432/db?sslmode=disable'],
    ['postgres://u:p@[::1]/db', {}, 'postgres://u:p@[::1]:5432/db'],
    ['postgres://u@/db', { PGHOST: '/var/run' }, 'postgres://u@%2Fvar%2Frun:5432/db'],
    ['postgres://u@/db', { PGHOST: '::1' }, 'postgres://u@[::1]:5432/db'],
    ['postgres://u@h/db', { PGUSER: '' }, 'postgres://u@h:5432/db'],
  ])('%s', (text, environment, completed) => {
    const read = readPostgresAddress(text)
    if (!read.ok) throw new Error(read.refusal.problem)
    expect(completePostgresAddress(read.value, environment)).toEqual({ ok: true, value: completed })
  })

  test.each([
    [{ PGHOST: 'a', PGPORT: 'x' }, /PGHOST and PGPORT/u],
    [{ PGSSLMODE: 'prefer' }, /completed by PGSSLMODE, which may have as sslmode only/u],
  ])('refused: %o', (environment, problem) => {
    const read = readPostgresAddress('postgres://')
    if (!read.ok) throw new Error(read.refusal.problem)
    expect(completePostgresAddress(read.value, environment)).toMatchObject({
      ok: false,
      refusal: { problem: expect.stringMatching(problem) },
    })
  })
})
