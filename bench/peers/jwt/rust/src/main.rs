//! Verifies the tokens of one bench case with `jsonwebtoken`: signature, issuer, audience and expiry.
//!
//! Reads `run <operations>` or `time <operations>` from standard input and answers each with one line of JSON.

use std::io::{self, BufRead, Write};
use std::time::Instant;

use base64::{engine::general_purpose::URL_SAFE_NO_PAD, Engine};
use jsonwebtoken::{decode, Algorithm, DecodingKey, Validation};
use serde::Deserialize;

const ISSUER: &str = "https://issuer.example";
const AUDIENCE: &str = "https://api.example";

#[derive(Deserialize)]
struct Case {
    file: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Material {
    alg: String,
    secret: Option<String>,
    public_pem: Option<String>,
    tokens: Vec<String>,
}

/// The claims as an application would read them.
#[derive(Deserialize)]
#[allow(dead_code)]
struct Claims {
    iss: String,
    aud: String,
    sub: String,
    client_id: String,
    scope: String,
    iat: u64,
    exp: u64,
    jti: String,
}

struct Verifier {
    key: DecodingKey,
    validation: Validation,
    tokens: Vec<String>,
    next: usize,
}

impl Verifier {
    fn verify_next(&mut self) {
        let token = &self.tokens[self.next];
        self.next = (self.next + 1) % self.tokens.len();
        let data = decode::<Claims>(token, &self.key, &self.validation).expect("the token is good");
        assert_eq!(data.claims.iss, ISSUER);
    }
}

fn prepare(material: Material) -> Verifier {
    let pem = material.public_pem.unwrap_or_default();
    let (algorithm, key) = match material.alg.as_str() {
        "HS256" => {
            let secret = URL_SAFE_NO_PAD.decode(material.secret.expect("a secret")).expect("base64url");
            (Algorithm::HS256, DecodingKey::from_secret(&secret))
        }
        "RS256" => (Algorithm::RS256, DecodingKey::from_rsa_pem(pem.as_bytes()).expect("a key")),
        "PS256" => (Algorithm::PS256, DecodingKey::from_rsa_pem(pem.as_bytes()).expect("a key")),
        "ES256" => (Algorithm::ES256, DecodingKey::from_ec_pem(pem.as_bytes()).expect("a key")),
        "EdDSA" => (Algorithm::EdDSA, DecodingKey::from_ed_pem(pem.as_bytes()).expect("a key")),
        other => panic!("no case for {other}"),
    };
    let mut validation = Validation::new(algorithm);
    validation.set_issuer(&[ISSUER]);
    validation.set_audience(&[AUDIENCE]);
    Verifier { key, validation, tokens: material.tokens, next: 0 }
}

/// CPU time of this process in user and system mode, in microseconds.
fn cpu_micros() -> f64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the pointer is to a live local value of the type that the call fills.
    unsafe { libc::clock_gettime(libc::CLOCK_PROCESS_CPUTIME_ID, &mut time) };
    time.tv_sec as f64 * 1e6 + time.tv_nsec as f64 / 1e3
}

fn peak_megabytes() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap_or("");
    let kilobytes: f64 = line.split_whitespace().nth(1).and_then(|text| text.parse().ok()).unwrap_or(0.0);
    kilobytes / 1024.0
}

fn run(verifier: &mut Verifier, operations: usize) -> String {
    let before = cpu_micros();
    let began = Instant::now();
    for _ in 0..operations {
        verifier.verify_next();
    }
    let wall = began.elapsed().as_nanos() as f64 / 1e3;
    let cpu = cpu_micros() - before;
    format!(
        r#"{{"operations":{operations},"cpuMicros":{cpu},"wallMicros":{wall},"peakMegabytes":{}}}"#,
        peak_megabytes()
    )
}

fn time_each(verifier: &mut Verifier, operations: usize) -> String {
    let mut times: Vec<f64> = (0..operations)
        .map(|_| {
            let began = Instant::now();
            verifier.verify_next();
            began.elapsed().as_nanos() as f64 / 1e3
        })
        .collect();
    times.sort_by(f64::total_cmp);
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize];
    format!(r#"{{"p50Micros":{},"p99Micros":{}}}"#, at(0.5), at(0.99))
}

fn main() {
    let argument = std::env::args().nth(1).expect("the case as JSON");
    let case: Case = serde_json::from_str(&argument).expect("the case as JSON");
    let text = std::fs::read_to_string(case.file).expect("the file with the tokens");
    let mut verifier = prepare(serde_json::from_str(&text).expect("keys and tokens"));
    let mut out = io::stdout();
    writeln!(out, "\"ready\"").expect("standard output");
    for line in io::stdin().lock().lines() {
        let line = line.expect("standard input");
        let (what, count) = line.split_once(' ').expect("a question and a number");
        let operations = count.parse().expect("a number");
        let answer = match what {
            "run" => run(&mut verifier, operations),
            _ => time_each(&mut verifier, operations),
        };
        writeln!(out, "{answer}").expect("standard output");
        out.flush().expect("standard output");
    }
}
