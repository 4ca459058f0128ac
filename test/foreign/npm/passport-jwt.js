import jwksRsa from 'jwks-rsa'
import { Passport } from 'passport'
import { ExtractJwt, Strategy } from 'passport-jwt'
import { throughExpress } from './express-app.js'
import { setup, verifyAll } from './report.js'

await verifyAll((token, audience, algorithm) => {
  const passport = new Passport()
  const strategy = new Strategy(
    {
      jwtFromRequest: ExtractJwt.fromAuthHeaderAsBearerToken(),
      secretOrKeyProvider: jwksRsa.passportJwtSecret({ jwksUri: setup.metadata.jwks_uri }),
      issuer: setup.issuer,
      audience,
      algorithms: [algorithm],
    },
    (claims, done) => done(null, claims),
  )
  passport.use(strategy)
  const middleware = passport.authenticate('jwt', { session: false })
  return throughExpress(middleware, token, (request) => request.user)
})
