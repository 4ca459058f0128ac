// The example issuer of zitadel/oidc. Its storage is as it is, but the JWT bearer grant gives JWT access tokens.
package main

import (
	"context"
	"log/slog"
	"net/http"
	"os"

	"github.com/zitadel/oidc/v3/example/server/exampleop"
	"github.com/zitadel/oidc/v3/example/server/storage"
	"github.com/zitadel/oidc/v3/pkg/op"
)

type jwtStorage struct {
	*storage.Storage
}

func (jwtStorage) JWTProfileTokenType(context.Context, op.TokenRequest) (op.AccessTokenType, error) {
	return op.AccessTokenTypeJWT, nil
}

func main() {
	port := os.Getenv("PORT")
	issuer := "http://localhost:" + port + "/"
	// This client may introspect the tokens of the service user of the same name.
	storage.RegisterClients(storage.WebClient("sid1", "verysecret"))
	example := jwtStorage{storage.NewStorage(storage.NewUserStore(issuer))}
	router := exampleop.SetupServer(issuer, example, slog.New(slog.DiscardHandler), false)
	if err := http.ListenAndServe("127.0.0.1:"+port, router); err != nil {
		panic(err)
	}
}
