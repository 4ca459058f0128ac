import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { askFront, withFront } from '../front.js'
import { setup, verifyAll } from '../npm/report.js'

// oauth2-proxy: the service is an extra issuer of bearer tokens. The login is not used here, but must be configured.
const program = join(process.argv[2], 'oauth2-proxy')
const { issuer, metadata, tokens } = setup
const other = 'https://other.example'
const known = Object.values(tokens).map(({ audience }) => audience)

function commandFor(audiences) {
  const pairs = audiences.map((audience) => `--extra-jwt-issuers=${issuer}=${audience}`)
  return ({ port, folder }) => ({
    log: join(folder, 'log'),
    words: [
      program,
      `--http-address=127.0.0.1:${port}`,
      `--logging-filename=${join(folder, 'log')}`,
      '--errors-to-info-log',
      '--auth-logging=false',
      '--request-logging=false',
      '--upstream=static://200',
      '--api-route=.*',
      '--set-xauthrequest',
      '--skip-jwt-bearer-tokens',
      ...pairs,
      '--provider=oidc',
      '--skip-oidc-discovery',
      `--oidc-issuer-url=${issuer}`,
      `--oidc-jwks-url=${metadata.jwks_uri}`,
      `--login-url=${issuer}/login`,
      `--redeem-url=${metadata.token_endpoint}`,
      '--client-id=login',
      '--client-secret=not-used-here',
      `--cookie-secret=${randomBytes(16).toString('hex')}`,
      '--email-domain=*',
    ],
  })
}

await withFront(commandFor(known), (right) =>
  withFront(commandFor([other]), (wrong) =>
    verifyAll((token, expected) => askFront(expected === other ? wrong : right, '/orders', token)),
  ),
)
