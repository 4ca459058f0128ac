// go-jwt-middleware of Auth0, with the address of the key set.
package main

import (
	"context"
	"net/url"
	"time"

	"github.com/auth0/go-jwt-middleware/v2/jwks"
	"github.com/auth0/go-jwt-middleware/v2/validator"

	"countersign.example/foreign/report"
)

func main() {
	issuer, _ := url.Parse(report.Setup.Issuer)
	address, _ := url.Parse(report.Setup.Metadata.JWKSURI)
	keys := jwks.NewCachingProvider(issuer, time.Minute, jwks.WithCustomJWKSURI(address))
	report.VerifyAll(func(token, audience, algorithm string) (string, error) {
		return verify(keys.KeyFunc, token, audience, algorithm)
	})
	given := report.Setup.Tokens["ES256"]
	found := jwks.NewCachingProvider(issuer, time.Minute)
	_, err := verify(found.KeyFunc, given.Valid, given.Audience, "ES256")
	report.Row("discovery", err)
}

func verify(keys func(context.Context) (any, error), token, audience, algorithm string) (string, error) {
	reader, err := validator.New(keys, validator.SignatureAlgorithm(algorithm),
		report.Setup.Issuer, []string{audience})
	if err != nil {
		return "", err
	}
	read, err := reader.ValidateToken(context.Background(), token)
	if err != nil {
		return "", err
	}
	return read.(*validator.ValidatedClaims).RegisteredClaims.Subject, nil
}
