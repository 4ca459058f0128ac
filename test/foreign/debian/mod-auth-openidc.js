import { randomBytes } from 'node:crypto'
import { askFront, verifyAt } from '../front.js'
import { row, setup } from '../npm/report.js'
import { withApache } from './apache.js'

// mod_auth_openidc as a resource server. It fetches keys over https. `Require` checks issuer and audience.
const { pathname } = new URL(setup.metadata.jwks_uri)
const directives = (keys) => (certificate) =>
  `
OIDCCryptoPassphrase ${randomBytes(16).toString('hex')}
OIDCOAuthVerifyJwksUri ${keys}
OIDCCABundlePath ${certificate}
OIDCOAuthRemoteUserClaim sub
`
const rules = ({ audience }) => `
AuthType oauth20
<RequireAll>
  Require claim iss:${setup.issuer}
  Require claim aud:${audience}
</RequireAll>
`

const module = 'auth_openidc'
if (setup.tls === undefined) console.log('unable\topenssl is not installed here')
else
  await withApache({ module, directives: directives(`${setup.tls}${pathname}`), rules }, verifyAt)

const plain = { module, directives: directives(setup.metadata.jwks_uri), rules }
const { valid } = setup.tokens.ES256
await row('keys over http', () =>
  withApache(plain, (front) => askFront(front, '/ES256/right', valid)),
)
