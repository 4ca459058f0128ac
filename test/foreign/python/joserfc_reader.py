"""joserfc: the algorithms are named, and the claims have a registry of their own."""

from joserfc import jwt
from joserfc.jwk import KeySet

from report import fetch_json, issuer, metadata, row, setup, verify_all

keys = KeySet.import_key_set(fetch_json(metadata["jwks_uri"]))


def verify(token, audience, algorithms):
    """Reads one token."""
    read = jwt.decode(token, keys, algorithms=algorithms)
    registry = jwt.JWTClaimsRegistry(
        iss={"essential": True, "value": issuer},
        aud={"essential": True, "value": audience},
        exp={"essential": True},
    )
    registry.validate(read.claims)
    return read.claims


verify_all(lambda token, audience, algorithm: verify(token, audience, [algorithm]))
for name in ["PS256", "EdDSA"]:
    given = setup["tokens"][name]
    row(f"{name} not named", lambda: verify(given["valid"], given["audience"], None))
