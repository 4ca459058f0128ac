// jwx opens and makes encrypted tokens.
package main

import (
	"context"

	"github.com/lestrrat-go/jwx/v3/jwa"
	"github.com/lestrrat-go/jwx/v3/jwe"
	"github.com/lestrrat-go/jwx/v3/jwk"
	"github.com/lestrrat-go/jwx/v3/jwt"

	"countersign.example/foreign/report"
)

func main() {
	keys, err := jwk.Fetch(context.Background(), report.Setup.Metadata.JWKSURI)
	if err != nil {
		panic(err)
	}
	report.OpenAll(func(token string, given report.Opens) (string, error) {
		key, alg, err := read(given.JWK, given.Alg)
		if err != nil {
			return "", err
		}
		inner, err := jwe.Decrypt([]byte(token), jwe.WithKey(alg, key))
		if err != nil {
			return "", err
		}
		claims, err := jwt.Parse(inner, jwt.WithKeySet(keys),
			jwt.WithIssuer(report.Setup.Issuer), jwt.WithAudience(given.Audience))
		if err != nil {
			return "", err
		}
		subject, _ := claims.Subject()
		return subject, nil
	})
	report.SealAll(func(given report.Seals) (string, error) {
		key, alg, err := read(given.JWK, given.Alg)
		if err != nil {
			return "", err
		}
		enc, _ := jwa.LookupContentEncryptionAlgorithm(given.Enc)
		head := jwe.NewHeaders()
		if err := head.Set(jwe.ContentTypeKey, "JWT"); err != nil {
			return "", err
		}
		sealed, err := jwe.Encrypt([]byte(given.Inner), jwe.WithKey(alg, key),
			jwe.WithContentEncryption(enc), jwe.WithProtectedHeaders(head))
		return string(sealed), err
	})
}

func read(text []byte, name string) (jwk.Key, jwa.KeyEncryptionAlgorithm, error) {
	key, err := jwk.ParseKey(text)
	alg, _ := jwa.LookupKeyEncryptionAlgorithm(name)
	return key, alg, err
}
