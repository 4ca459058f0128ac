use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{decode, decode_header, Algorithm, DecodingKey, Validation};
use serde_json::Value;
use std::{env, error::Error, io};

/// Returns the claims of a good access token, and an error for any other.
fn verify(token: &str, scope: &str, keys: &JwkSet) -> Result<Value, Box<dyn Error>> {
    let kid = decode_header(token)?.kid.ok_or("the token names no key")?;
    let key = DecodingKey::from_jwk(keys.find(&kid).ok_or("the key is unknown")?)?;
    let mut rules = Validation::new(Algorithm::ES256);
    rules.set_issuer(&[env::var("ISSUER")?]);
    rules.set_audience(&[env::var("AUDIENCE")?]);
    rules.set_required_spec_claims(&["iss", "aud", "sub", "exp"]);
    rules.validate_nbf = true;
    rules.leeway = 10;
    let read = decode::<Value>(token, &key, &rules)?;
    if read.header.typ.as_deref() != Some("at+jwt") {
        return Err("the token is no access token".into());
    }
    let scopes = read.claims["scope"].as_str().unwrap_or_default();
    if !scopes.split(' ').any(|one| one == scope) {
        return Err(format!("the token lacks the scope {scope}").into());
    }
    Ok(read.claims)
}

fn main() -> Result<(), Box<dyn Error>> {
    // In a server keep the set, and fetch it again for an unknown key, at most once in 30 seconds.
    let address = format!("{}/.well-known/jwks.json", env::var("ISSUER")?);
    let keys: JwkSet = serde_json::from_str(&ureq::get(&address).call()?.into_string()?)?;
    let token = io::read_to_string(io::stdin())?;
    let claims = verify(token.trim(), "read", &keys)?;
    println!("{}", claims["sub"].as_str().unwrap_or_default());
    Ok(())
}
