import { withOwnIssuer } from '../front.js'
import { withApache } from './apache.js'

// mod_oauth2. `Require` checks issuer and audience.
const rules = ({ issuer, audience, jwksUri }) => `
AuthType oauth2
OAuth2TokenVerify jwks_uri ${jwksUri} verify.exp=required
OAuth2TargetPass remote_user_claim=sub
<RequireAll>
  Require oauth2_claim iss:${issuer}
  Require oauth2_claim aud:${audience}
</RequireAll>
`

await withOwnIssuer((addresses, use) =>
  withApache({ module: 'oauth2', directives: () => '', rules, addresses }, use),
)
