// Package report reads the set-up of the service that runs and prints rows for the runner.
package report

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
)

// Client has an id and a secret.
type Client struct {
	ID     string `json:"id"`
	Secret string `json:"secret"`
}

// Token is one of our tokens and a tampered copy.
type Token struct {
	Audience string `json:"audience"`
	Valid    string `json:"valid"`
	Tampered string `json:"tampered"`
}

// Opens is one of our encrypted tokens, and the private key that opens it.
type Opens struct {
	Name     string          `json:"name"`
	Alg      string          `json:"alg"`
	Audience string          `json:"audience"`
	Token    string          `json:"token"`
	Changed  string          `json:"changed"`
	JWK      json.RawMessage `json:"jwk"`
}

// Seals is a signed token to encrypt, and the public key for it.
type Seals struct {
	Row   string          `json:"row"`
	Alg   string          `json:"alg"`
	Enc   string          `json:"enc"`
	Inner string          `json:"inner"`
	JWK   json.RawMessage `json:"jwk"`
}

// Setup has the members of the set-up that these programs use.
var Setup struct {
	Issuer   string `json:"issuer"`
	Metadata struct {
		JWKSURI       string `json:"jwks_uri"`
		TokenEndpoint string `json:"token_endpoint"`
	} `json:"metadata"`
	JWKS      json.RawMessage  `json:"jwks"`
	MixedJWKS json.RawMessage  `json:"mixedJwks"`
	Tokens    map[string]Token `json:"tokens"`
	Client    Client           `json:"client"`
	Nested    struct {
		Subject string  `json:"subject"`
		Opens   []Opens `json:"opens"`
		Seals   []Seals `json:"seals"`
	} `json:"nested"`
	Keys struct {
		ID    string `json:"id"`
		ECPem string `json:"ecPem"`
		EC    struct {
			Kid string `json:"kid"`
		} `json:"ec"`
	} `json:"keys"`
}

func init() {
	text, err := os.ReadFile(os.Getenv("FOREIGN_SETUP"))
	if err == nil {
		err = json.Unmarshal(text, &Setup)
	}
	if err != nil {
		panic(err)
	}
}

// Row prints the outcome of one row.
func Row(name string, err error) bool {
	outcome := "ok"
	if err != nil {
		outcome = "refused " + strings.Join(strings.Fields(err.Error()), " ")
	}
	fmt.Printf("%s\t%s\n", name, outcome)
	return err == nil
}

// VerifyAll prints three rows for each algorithm. verify returns the subject.
func VerifyAll(verify func(token, audience, algorithm string) (string, error)) {
	for algorithm, token := range Setup.Tokens {
		read := func(text, audience string) error {
			subject, err := verify(text, audience, algorithm)
			if err == nil && subject != Setup.Client.ID {
				err = errors.New("another subject")
			}
			return err
		}
		if !Row(algorithm, read(token.Valid, token.Audience)) {
			continue
		}
		Row(algorithm+" tampered", read(token.Tampered, token.Audience))
		Row(algorithm+" other audience", read(token.Valid, "https://other.example"))
	}
}

// OpenAll prints two rows for each key. open returns the subject of the token inside.
func OpenAll(open func(token string, given Opens) (string, error)) {
	for _, given := range Setup.Nested.Opens {
		read := func(text string) error {
			subject, err := open(text, given)
			if err == nil && subject != Setup.Nested.Subject {
				err = errors.New("another subject")
			}
			return err
		}
		if Row("opens "+given.Name, read(given.Token)) {
			Row("opens "+given.Name+" changed", read(given.Changed))
		}
	}
}

// SealAll prints each token that seal encrypts, which the runner opens.
func SealAll(seal func(given Seals) (string, error)) {
	for _, given := range Setup.Nested.Seals {
		token, err := seal(given)
		if err != nil {
			Row(given.Row, err)
			continue
		}
		fmt.Printf("%s\ttoken %s\n", given.Row, token)
	}
}

// CheckToken demands an access token of our issuer for the first resource.
func CheckToken(token string) error {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return errors.New("no token")
	}
	var claims struct {
		Issuer   string `json:"iss"`
		Audience string `json:"aud"`
	}
	text, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err == nil {
		err = json.Unmarshal(text, &claims)
	}
	if err == nil && (claims.Issuer != Setup.Issuer || claims.Audience != Setup.Tokens["ES256"].Audience) {
		err = errors.New("the token is for " + claims.Audience)
	}
	return err
}
