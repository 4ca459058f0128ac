import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { withFront, withOwnIssuer } from '../front.js'
import { needs } from './needs.js'

// HAProxy: `jwt_verify` checks the signature with one PEM file for each key. The other rules check type and claims.
function backendOf({ algorithm, path, issuer, audience }, folder) {
  return `
backend ${nameOf(path)}
  http-request set-var(txn.token) http_auth_bearer
  http-request set-var(txn.alg) var(txn.token),jwt_header_query('$.alg')
  http-request set-var(txn.exp) var(txn.token),jwt_payload_query('$.exp','int')
  http-request set-var(txn.nbf) var(txn.token),jwt_payload_query('$.nbf','int')
  http-request set-var(txn.now) date()
  http-request deny deny_status 401 unless { var(txn.alg) -m str ${algorithm} }
  http-request deny deny_status 401 unless { var(txn.token),jwt_verify(txn.alg,"${folder}/${nameOf(path)}.pem") 1 }
  http-request deny deny_status 401 unless { var(txn.token),jwt_header_query('$.typ') -m str at+jwt }
  http-request deny deny_status 401 unless { var(txn.token),jwt_payload_query('$.iss') -m str ${issuer} }
  http-request deny deny_status 403 unless { var(txn.token),jwt_payload_query('$.aud') -m str ${audience} }
  http-request deny deny_status 401 unless { var(txn.exp),sub(txn.now) -m int gt 0 }
  http-request deny deny_status 401 if { var(txn.nbf) -m found } !{ var(txn.nbf),sub(txn.now) -m int le 0 }
  http-request set-var(txn.sub) var(txn.token),jwt_payload_query('$.sub')
  http-request return status 200 content-type text/plain lf-string %[var(txn.sub)]
`
}

function configuration(port, folder, addresses) {
  const uses = addresses.map(({ path }) => `  use_backend ${nameOf(path)} if { path ${path} }`)
  return `
defaults
  mode http
  timeout client 10s
  timeout server 10s
  timeout connect 10s
frontend api
  bind 127.0.0.1:${port}
${uses.join('\n')}
${addresses.map((address) => backendOf(address, folder)).join('')}`
}

function nameOf(path) {
  return path.slice(1).replace('/', '-')
}

await needs(['haproxy'], () =>
  withOwnIssuer((addresses, use) =>
    withFront(({ port, folder }) => {
      const file = join(folder, 'haproxy.cfg')
      for (const { path, pem } of addresses) writeFileSync(join(folder, `${nameOf(path)}.pem`), pem)
      writeFileSync(file, configuration(port, folder, addresses))
      return { words: ['haproxy', '-f', file] }
    }, use),
  ),
)
