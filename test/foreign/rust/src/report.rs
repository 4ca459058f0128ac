//! Reads the set-up of the service that runs and prints rows for the runner.
use serde_json::Value;

pub type Outcome = Result<(), String>;

pub fn setup() -> Value {
    let file = std::env::var("FOREIGN_SETUP").expect("FOREIGN_SETUP names a file");
    let text = std::fs::read_to_string(file).expect("the set-up is there");
    serde_json::from_str(&text).expect("the set-up is JSON")
}

/// The text at a pointer into the set-up.
pub fn text(setup: &Value, pointer: &str) -> String {
    let found = setup.pointer(pointer).and_then(Value::as_str);
    found.unwrap_or_else(|| panic!("{pointer} is a text")).to_owned()
}

/// Prints the outcome of one row.
pub fn row(name: &str, outcome: &Outcome) -> bool {
    match outcome {
        Ok(()) => println!("{name}\tok"),
        Err(fault) => println!("{name}\trefused {}", fault.replace(['\n', '\t'], " ")),
    }
    outcome.is_ok()
}

/// One of our tokens: the text, its audience, its algorithm and the public key as PEM.
pub struct Given<'a> {
    pub token: &'a str,
    pub audience: &'a str,
    pub algorithm: &'a str,
    pub pem: &'a str,
}

/// Prints three rows for each algorithm. `verify` returns the subject.
pub fn verify_all(setup: &Value, verify: impl Fn(Given) -> Result<String, String>) {
    let expected = text(setup, "/client/id");
    for algorithm in ["ES256", "RS256", "PS256", "EdDSA"] {
        let at = |member: &str| text(setup, &format!("/tokens/{algorithm}/{member}"));
        let pem = at("pem");
        let read = |token: &str, audience: &str| match verify(Given { token, audience, algorithm, pem: &pem }) {
            Ok(subject) if subject == expected => Ok(()),
            Ok(subject) => Err(format!("the subject is {subject}")),
            Err(fault) => Err(fault),
        };
        let (valid, audience) = (at("valid"), at("audience"));
        if row(algorithm, &read(&valid, &audience)) {
            row(&format!("{algorithm} tampered"), &read(&at("tampered"), &audience));
            let other = read(&valid, "https://other.example");
            row(&format!("{algorithm} other audience"), &other);
        }
    }
}
