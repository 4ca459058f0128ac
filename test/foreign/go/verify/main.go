package main

import (
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/MicahParks/keyfunc/v3"
	"github.com/golang-jwt/jwt/v5"
)

type accessToken struct {
	jwt.RegisteredClaims
	Scope string `json:"scope"`
}

// verify returns the claims of a good access token, and an error for any other.
func verify(token, scope string, keys keyfunc.Keyfunc) (*accessToken, error) {
	claims := &accessToken{}
	read, err := jwt.ParseWithClaims(token, claims, keys.Keyfunc,
		jwt.WithValidMethods([]string{"ES256"}),
		jwt.WithIssuer(os.Getenv("ISSUER")),
		jwt.WithAudience(os.Getenv("AUDIENCE")),
		jwt.WithExpirationRequired(),
		jwt.WithLeeway(10*time.Second))
	if err != nil {
		return nil, err
	}
	if read.Header["typ"] != "at+jwt" {
		return nil, errors.New("the token is no access token")
	}
	if !slices.Contains(strings.Split(claims.Scope, " "), scope) {
		return nil, errors.New("the token lacks the scope " + scope)
	}
	return claims, nil
}

func main() {
	// Fetches the key set, keeps it, and fetches it again each hour and for an unknown key.
	keys, err := keyfunc.NewDefault([]string{os.Getenv("ISSUER") + "/.well-known/jwks.json"})
	if err != nil {
		log.Fatal(err)
	}
	token, err := io.ReadAll(os.Stdin)
	if err != nil {
		log.Fatal(err)
	}
	claims, err := verify(strings.TrimSpace(string(token)), "read", keys)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(claims.Subject)
}
