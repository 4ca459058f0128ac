// go-jose with the whole key set.
package main

import (
	"encoding/json"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"countersign.example/foreign/report"
)

func main() {
	var keys jose.JSONWebKeySet
	if err := json.Unmarshal(report.Setup.JWKS, &keys); err != nil {
		panic(err)
	}
	report.VerifyAll(func(token, audience, algorithm string) (string, error) {
		read, err := jwt.ParseSigned(token, []jose.SignatureAlgorithm{jose.SignatureAlgorithm(algorithm)})
		if err != nil {
			return "", err
		}
		var claims jwt.Claims
		if err := read.Claims(keys, &claims); err != nil {
			return "", err
		}
		expected := jwt.Expected{
			Issuer: report.Setup.Issuer, AnyAudience: jwt.Audience{audience}, Time: time.Now(),
		}
		return claims.Subject, claims.Validate(expected)
	})
	var mixed jose.JSONWebKeySet
	report.Row("a set with an ML-DSA key", json.Unmarshal(report.Setup.MixedJWKS, &mixed))
}
