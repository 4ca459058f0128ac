"""Rows of a foreign program: the set-up of the service that runs, and lines for the runner."""

import base64
import json
import os
import urllib.request

with open(os.environ["FOREIGN_SETUP"], encoding="utf-8") as file:
    setup = json.load(file)

# The programs talk to a service on the loopback, over plain http.
os.environ["OAUTHLIB_INSECURE_TRANSPORT"] = "1"
os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"

issuer = setup["issuer"]
metadata = setup["metadata"]
audience = setup["tokens"]["ES256"]["audience"]


def row(name, perform):
    """Performs one row and prints its outcome."""
    outcome = "ok"
    try:
        perform()
    except Exception as fault:  # noqa: BLE001, any refusal is an outcome
        text = f"{type(fault).__name__} {fault} {fault.__cause__ or ''}"
        outcome = "refused " + " ".join(text.split())
    print(f"{name}\t{outcome}", flush=True)
    return outcome == "ok"


def seal_all(seal):
    """One row for each token that is encrypted here, and opened by the runner."""
    for given in setup["nested"]["seals"]:
        try:
            print(f"{given['row']}\ttoken {seal(given)}", flush=True)
        except Exception as fault:  # noqa: BLE001, any refusal is an outcome
            text = " ".join(f"{type(fault).__name__} {fault}".split())
            print(f"{given['row']}\trefused {text}", flush=True)


def open_all(opener):
    """Two rows for each key. `opener` opens an encrypted token, verifies the inner one and returns its claims."""
    for given in setup["nested"]["opens"]:

        def read(token, given=given):
            claims = opener(token, given)
            demand(claims["sub"] == setup["nested"]["subject"], "another subject")

        if row(f"opens {given['name']}", lambda: read(given["token"])):
            row(f"opens {given['name']} changed", lambda: read(given["changed"]))


def verify_all(verify):
    """Three rows for each algorithm. `verify` returns the claims or raises."""
    for algorithm, token in setup["tokens"].items():

        def read(text, expected, algorithm=algorithm):
            claims = verify(text, expected, algorithm)
            demand(claims["sub"] == setup["client"]["id"], "another subject")

        if not row(algorithm, lambda: read(token["valid"], token["audience"])):
            continue
        row(f"{algorithm} tampered", lambda: read(token["tampered"], token["audience"]))
        row(
            f"{algorithm} other audience",
            lambda: read(token["valid"], "https://other.example"),
        )


def demand(condition, text):
    """Raises where the condition is false."""
    if not condition:
        raise ValueError(text)


def claims_of(token):
    """The claims of a token, without a check."""
    part = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def demand_token(token):
    """Demands an access token of our issuer for the first resource."""
    claims = claims_of(token)
    demand(
        claims["iss"] == issuer and claims["aud"] == audience,
        f"the token is for {claims['aud']}",
    )


def fetch_json(address):
    """Reads a JSON document."""
    with urllib.request.urlopen(address, timeout=10) as reply:
        return json.load(reply)


def demand_claims(claims, expected):
    """Demands issuer and audience, for libraries that leave this to their caller."""
    demand(claims["iss"] == issuer, "wrong issuer")
    demand(claims["aud"] == expected, "wrong audience")
