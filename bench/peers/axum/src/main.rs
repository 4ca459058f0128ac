//! The tutorial's service, written for the bench: the same contract on axum and jsonwebtoken.
//!
//! `GET /` greets, `POST /login` gives a one-day HS256 token for `foo`/`bar`, `GET /protected` asks for it.
//! The claims come out of the request by an extractor, and every request is verified in full (no cache).

use std::sync::LazyLock;
use std::time::{SystemTime, UNIX_EPOCH};

use axum::extract::FromRequestParts;
use axum::http::{header::AUTHORIZATION, request::Parts, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use jsonwebtoken::{decode, encode, Algorithm, DecodingKey, EncodingKey, Header, Validation};
use rand::distr::{Alphanumeric, SampleString};
use serde::{Deserialize, Serialize};

const ONE_DAY_SECONDS: u64 = 24 * 60 * 60;

static KEYS: LazyLock<Keys> = LazyLock::new(|| {
    let secret = Alphanumeric.sample_string(&mut rand::rng(), 60);
    Keys {
        encoding: EncodingKey::from_secret(secret.as_bytes()),
        decoding: DecodingKey::from_secret(secret.as_bytes()),
        validation: Validation::new(Algorithm::HS256),
    }
});

struct Keys {
    encoding: EncodingKey,
    decoding: DecodingKey,
    validation: Validation,
}

#[derive(Serialize, Deserialize)]
struct Claims {
    username: String,
    exp: u64,
}

#[derive(Deserialize)]
struct Credentials {
    #[serde(default)]
    client_id: String,
    #[serde(default)]
    client_secret: String,
}

#[derive(Serialize)]
struct TokenReply {
    access_token: String,
    token_type: &'static str,
}

#[derive(Serialize)]
struct ErrorBody {
    error: &'static str,
}

enum AuthError {
    MissingCredentials,
    WrongCredentials,
    TokenCreation,
    InvalidToken,
}

impl IntoResponse for AuthError {
    fn into_response(self) -> Response {
        let (status, error) = match self {
            Self::MissingCredentials => (StatusCode::BAD_REQUEST, "Missing credentials"),
            Self::WrongCredentials => (StatusCode::UNAUTHORIZED, "Wrong credentials"),
            Self::TokenCreation => (StatusCode::INTERNAL_SERVER_ERROR, "Token creation error"),
            Self::InvalidToken => (StatusCode::BAD_REQUEST, "Invalid token"),
        };
        (status, Json(ErrorBody { error })).into_response()
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Claims {
    type Rejection = AuthError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, AuthError> {
        let token = parts
            .headers
            .get(AUTHORIZATION)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.strip_prefix("Bearer "))
            .ok_or(AuthError::InvalidToken)?;
        decode::<Self>(token, &KEYS.decoding, &KEYS.validation)
            .map(|data| data.claims)
            .map_err(|_| AuthError::InvalidToken)
    }
}

async fn login(body: Result<Json<Credentials>, axum::extract::rejection::JsonRejection>) -> Result<Json<TokenReply>, AuthError> {
    let Json(credentials) = body.map_err(|_| AuthError::MissingCredentials)?;
    if credentials.client_id.is_empty() || credentials.client_secret.is_empty() {
        return Err(AuthError::MissingCredentials);
    }
    if credentials.client_id != "foo" || credentials.client_secret != "bar" {
        return Err(AuthError::WrongCredentials);
    }
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_err(|_| AuthError::TokenCreation)?;
    let claims = Claims { username: credentials.client_id, exp: now.as_secs() + ONE_DAY_SECONDS };
    let access_token =
        encode(&Header::default(), &claims, &KEYS.encoding).map_err(|_| AuthError::TokenCreation)?;
    Ok(Json(TokenReply { access_token, token_type: "Bearer" }))
}

async fn protected(claims: Claims) -> String {
    format!("Welcome to the protected area, {}!", claims.username)
}

#[tokio::main]
async fn main() {
    let app = Router::new()
        .route("/", get(|| async { "Hello, world!" }))
        .route("/login", post(login))
        .route("/protected", get(protected));
    let port = std::env::var("PORT").unwrap_or_else(|_| "0".to_owned());
    let listener = tokio::net::TcpListener::bind(format!("127.0.0.1:{port}"))
        .await
        .expect("the port is free");
    println!("listening on {}", listener.local_addr().expect("a bound address").port());
    axum::serve(listener, app).await.expect("the server runs");
}
