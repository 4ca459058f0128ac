//! jwt-simple: it has no key sets, so the key is given as PEM.
use jwt_simple::prelude::*;
use report::{setup, text, verify_all, Given};
use std::collections::HashSet;

fn main() {
    let setup = setup();
    let issuer = text(&setup, "/issuer");
    verify_all(&setup, |given| verify(&given, &issuer).map_err(|fault| format!("{fault}")));
}

fn verify(given: &Given, issuer: &str) -> Result<String, jwt_simple::Error> {
    let options = Some(VerificationOptions {
        allowed_issuers: Some(HashSet::from([issuer.to_owned()])),
        allowed_audiences: Some(HashSet::from([given.audience.to_owned()])),
        ..Default::default()
    });
    let claims: JWTClaims<NoCustomClaims> = match given.algorithm {
        "ES256" => ES256PublicKey::from_pem(given.pem)?.verify_token(given.token, options)?,
        "RS256" => RS256PublicKey::from_pem(given.pem)?.verify_token(given.token, options)?,
        "PS256" => PS256PublicKey::from_pem(given.pem)?.verify_token(given.token, options)?,
        _ => Ed25519PublicKey::from_pem(given.pem)?.verify_token(given.token, options)?,
    };
    Ok(claims.subject.unwrap_or_default())
}
