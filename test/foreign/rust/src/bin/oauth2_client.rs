//! oauth2: client_credentials with the secret in the header.
use oauth2::basic::BasicClient;
use oauth2::{ClientId, ClientSecret, TokenResponse, TokenUrl};
use report::{row, setup, text};
use serde_json::Value;

fn main() {
    let setup = setup();
    row("client secret", &grant(&setup).map_err(|fault| format!("{fault}")));
}

fn grant(setup: &Value) -> Result<(), Box<dyn std::error::Error>> {
    let client = BasicClient::new(ClientId::new(text(setup, "/client/id")))
        .set_client_secret(ClientSecret::new(text(setup, "/client/secret")))
        .set_token_uri(TokenUrl::new(text(setup, "/metadata/token_endpoint"))?);
    let reply = client
        .exchange_client_credentials()
        .add_extra_param("resource", text(setup, "/tokens/ES256/audience"))
        .request(&ureq::agent())?;
    let token = reply.access_token().secret();
    if token.split('.').count() != 3 || reply.expires_in().is_none() {
        return Err("no access token".into());
    }
    Ok(())
}
