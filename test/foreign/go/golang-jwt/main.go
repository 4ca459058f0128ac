// golang-jwt with the key set of keyfunc, and as the signer of a client assertion.
package main

import (
	"context"
	"crypto/rand"
	"net/url"
	"time"

	"github.com/MicahParks/keyfunc/v3"
	"github.com/golang-jwt/jwt/v5"
	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"

	"countersign.example/foreign/report"
)

func main() {
	setup := report.Setup
	keys, err := keyfunc.NewDefault([]string{setup.Metadata.JWKSURI})
	if err != nil {
		panic(err)
	}
	report.VerifyAll(func(token, audience, algorithm string) (string, error) {
		read, err := jwt.Parse(token, keys.Keyfunc, jwt.WithValidMethods([]string{algorithm}),
			jwt.WithIssuer(setup.Issuer), jwt.WithAudience(audience), jwt.WithExpirationRequired())
		if err != nil {
			return "", err
		}
		return read.Claims.GetSubject()
	})
	report.Row("private_key_jwt", grant(setup.Issuer))
	report.Row("private_key_jwt with the token endpoint", grant(setup.Metadata.TokenEndpoint))
}

// grant signs an assertion with RegisteredClaims, which write aud as a list.
func grant(audience string) error {
	setup := report.Setup
	key, err := jwt.ParseECPrivateKeyFromPEM([]byte(setup.Keys.ECPem))
	if err != nil {
		return err
	}
	claims := jwt.RegisteredClaims{
		Issuer: setup.Keys.ID, Subject: setup.Keys.ID, ID: rand.Text(),
		Audience:  jwt.ClaimStrings{audience},
		ExpiresAt: jwt.NewNumericDate(time.Now().Add(time.Minute)),
	}
	unsigned := jwt.NewWithClaims(jwt.SigningMethodES256, claims)
	unsigned.Header["kid"] = setup.Keys.EC.Kid
	assertion, err := unsigned.SignedString(key)
	if err != nil {
		return err
	}
	config := clientcredentials.Config{
		ClientID: setup.Keys.ID, TokenURL: setup.Metadata.TokenEndpoint, AuthStyle: oauth2.AuthStyleInParams,
		EndpointParams: url.Values{
			"resource":              {setup.Tokens["ES256"].Audience},
			"client_assertion":      {assertion},
			"client_assertion_type": {"urn:ietf:params:oauth:client-assertion-type:jwt-bearer"},
		},
	}
	token, err := config.Token(context.Background())
	if err != nil {
		return err
	}
	return report.CheckToken(token.AccessToken)
}
