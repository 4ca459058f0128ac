// go-jose opens encrypted tokens with ParseEncrypted and verifies the token inside.
package main

import (
	"encoding/json"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"countersign.example/foreign/report"
)

func main() {
	report.OpenAll(open)
	report.SealAll(seal)
	first := report.Setup.Nested.Opens[0]
	_, err := jwt.ParseSignedAndEncrypted(first.Token,
		[]jose.KeyAlgorithm{jose.KeyAlgorithm(first.Alg)},
		[]jose.ContentEncryption{jose.A256GCM}, []jose.SignatureAlgorithm{jose.ES256})
	report.Row("ParseSignedAndEncrypted", err)
}

func open(token string, given report.Opens) (string, error) {
	var key jose.JSONWebKey
	if err := json.Unmarshal(given.JWK, &key); err != nil {
		return "", err
	}
	sealed, err := jose.ParseEncrypted(token,
		[]jose.KeyAlgorithm{jose.KeyAlgorithm(given.Alg)}, []jose.ContentEncryption{jose.A256GCM})
	if err != nil {
		return "", err
	}
	inner, err := sealed.Decrypt(key)
	if err != nil {
		return "", err
	}
	read, err := jwt.ParseSigned(string(inner), []jose.SignatureAlgorithm{jose.ES256})
	if err != nil {
		return "", err
	}
	var keys jose.JSONWebKeySet
	if err := json.Unmarshal(report.Setup.JWKS, &keys); err != nil {
		return "", err
	}
	var claims jwt.Claims
	if err := read.Claims(keys, &claims); err != nil {
		return "", err
	}
	return claims.Subject, claims.Validate(jwt.Expected{
		Issuer: report.Setup.Issuer, AnyAudience: jwt.Audience{given.Audience}, Time: time.Now(),
	})
}

func seal(given report.Seals) (string, error) {
	var key jose.JSONWebKey
	if err := json.Unmarshal(given.JWK, &key); err != nil {
		return "", err
	}
	recipient := jose.Recipient{Algorithm: jose.KeyAlgorithm(given.Alg), Key: key.Key, KeyID: key.KeyID}
	options := (&jose.EncrypterOptions{}).WithContentType("JWT")
	encrypter, err := jose.NewEncrypter(jose.ContentEncryption(given.Enc), recipient, options)
	if err != nil {
		return "", err
	}
	sealed, err := encrypter.Encrypt([]byte(given.Inner))
	if err != nil {
		return "", err
	}
	return sealed.CompactSerialize()
}
