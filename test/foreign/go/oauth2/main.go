// x/oauth2 with the client's secret, in both places.
package main

import (
	"context"
	"net/url"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"

	"countersign.example/foreign/report"
)

func main() {
	report.Row("client secret", grant(oauth2.AuthStyleAutoDetect))
	report.Row("client secret in the form", grant(oauth2.AuthStyleInParams))
}

func grant(style oauth2.AuthStyle) error {
	setup := report.Setup
	config := clientcredentials.Config{
		ClientID: setup.Client.ID, ClientSecret: setup.Client.Secret,
		TokenURL: setup.Metadata.TokenEndpoint, AuthStyle: style,
		EndpointParams: url.Values{"resource": {setup.Tokens["ES256"].Audience}},
	}
	token, err := config.Token(context.Background())
	if err != nil {
		return err
	}
	return report.CheckToken(token.AccessToken)
}
