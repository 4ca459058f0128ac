// jwx with the whole key set.
package main

import (
	"context"

	"github.com/lestrrat-go/jwx/v3/jwk"
	"github.com/lestrrat-go/jwx/v3/jwt"

	"countersign.example/foreign/report"
)

func main() {
	keys, err := jwk.Fetch(context.Background(), report.Setup.Metadata.JWKSURI)
	if err != nil {
		panic(err)
	}
	report.VerifyAll(func(token, audience, _ string) (string, error) {
		read, err := jwt.Parse([]byte(token), jwt.WithKeySet(keys),
			jwt.WithIssuer(report.Setup.Issuer), jwt.WithAudience(audience))
		if err != nil {
			return "", err
		}
		subject, _ := read.Subject()
		return subject, nil
	})
	_, err = jwk.Parse(report.Setup.MixedJWKS)
	report.Row("a set with an ML-DSA key", err)
}
