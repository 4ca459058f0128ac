// go-oidc with a remote key set, because it has no discovery of RFC 8414.
package main

import (
	"context"

	"github.com/coreos/go-oidc/v3/oidc"

	"countersign.example/foreign/report"
)

func main() {
	setup := report.Setup
	background := context.Background()
	keys := oidc.NewRemoteKeySet(background, setup.Metadata.JWKSURI)
	verify := func(token, audience string, algorithms []string) (string, error) {
		config := oidc.Config{ClientID: audience, SupportedSigningAlgs: algorithms}
		read, err := oidc.NewVerifier(setup.Issuer, keys, &config).Verify(background, token)
		if err != nil {
			return "", err
		}
		return read.Subject, nil
	}
	report.VerifyAll(func(token, audience, algorithm string) (string, error) {
		return verify(token, audience, []string{algorithm})
	})
	given := setup.Tokens["ES256"]
	_, err := verify(given.Valid, given.Audience, nil)
	report.Row("ES256 not named", err)
	_, err = oidc.NewProvider(background, setup.Issuer)
	report.Row("NewProvider", err)
}
