"""jwcrypto with the whole key set."""

import json

from jwcrypto import jwk, jwt

from report import fetch_json, issuer, metadata, verify_all

keys = jwk.JWKSet.from_json(json.dumps(fetch_json(metadata["jwks_uri"])))


def verify(token, audience, algorithm):
    """Reads one token. `exp` is checked by itself."""
    checks = {"iss": issuer, "aud": audience}
    read = jwt.JWT(jwt=token, key=keys, algs=[algorithm], check_claims=checks)
    return json.loads(read.claims)


verify_all(verify)
