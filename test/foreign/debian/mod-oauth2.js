import { verifyAt } from '../front.js'
import { setup } from '../npm/report.js'
import { withApache } from './apache.js'

// mod_oauth2. `Require` checks issuer and audience.
const rules = ({ audience }) => `
AuthType oauth2
OAuth2TokenVerify jwks_uri ${setup.metadata.jwks_uri}
OAuth2TargetPass remote_user_claim=sub
<RequireAll>
  Require oauth2_claim iss:${setup.issuer}
  Require oauth2_claim aud:${audience}
</RequireAll>
`

await withApache({ module: 'oauth2', directives: () => '', rules }, verifyAt)
