"""PyJWT with its own client of the key set."""

import jwt

from report import issuer, metadata, verify_all

keys = jwt.PyJWKClient(metadata["jwks_uri"])


def verify(token, audience, algorithm):
    """Reads one token as the guide of the library does."""
    key = keys.get_signing_key_from_jwt(token)
    return jwt.decode(
        token, key, algorithms=[algorithm], audience=audience, issuer=issuer
    )


verify_all(verify)
