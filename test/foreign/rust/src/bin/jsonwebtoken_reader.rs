//! jsonwebtoken: the key is found by `kid`, the algorithm is named.
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{decode, decode_header, Algorithm, DecodingKey, Validation};
use report::{setup, text, verify_all, Given};
use serde_json::Value;
use std::str::FromStr;

fn main() {
    let setup = setup();
    let keys: JwkSet = serde_json::from_value(setup["jwks"].clone()).expect("the set is read");
    let issuer = text(&setup, "/issuer");
    verify_all(&setup, |given| verify(&given, &keys, &issuer).map_err(|fault| format!("{fault}")));
}

fn verify(given: &Given, keys: &JwkSet, issuer: &str) -> Result<String, Box<dyn std::error::Error>> {
    let kid = decode_header(given.token)?.kid.ok_or("no kid")?;
    let key = DecodingKey::from_jwk(keys.find(&kid).ok_or("no key")?)?;
    let mut validation = Validation::new(Algorithm::from_str(given.algorithm)?);
    validation.set_issuer(&[issuer]);
    validation.set_audience(&[given.audience]);
    let read = decode::<Value>(given.token, &key, &validation)?;
    Ok(read.claims["sub"].as_str().unwrap_or_default().to_owned())
}
