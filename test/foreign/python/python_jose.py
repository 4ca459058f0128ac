"""python-jose with the whole key set."""

from jose import jwt

from report import fetch_json, issuer, metadata, verify_all

keys = fetch_json(metadata["jwks_uri"])


def verify(token, audience, algorithm):
    """Reads one token."""
    return jwt.decode(
        token, keys, algorithms=[algorithm], audience=audience, issuer=issuer
    )


verify_all(verify)
