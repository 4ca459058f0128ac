"""jwcrypto with the key of each API."""

import json

from jwcrypto import jwe, jwk, jwt

from report import fetch_json, issuer, metadata, open_all, seal_all

keys = jwk.JWKSet.from_json(json.dumps(fetch_json(metadata["jwks_uri"])))


def open_token(token, given):
    """Opens the token and verifies the one inside. `exp` is checked by itself."""
    opened = jwt.JWT(jwt=token, key=jwk.JWK(**given["jwk"]), expected_type="JWE")
    checks = {"iss": issuer, "aud": given["audience"]}
    read = jwt.JWT(jwt=opened.claims, key=keys, algs=["ES256"], check_claims=checks)
    return json.loads(read.claims)


def seal(given):
    """Encrypts the signed token."""
    key = given["jwk"]
    head = {"alg": given["alg"], "enc": given["enc"], "kid": key["kid"], "cty": "JWT"}
    sealed = jwe.JWE(given["inner"].encode(), protected=json.dumps(head))
    sealed.add_recipient(jwk.JWK(**key))
    return sealed.serialize(compact=True)


open_all(open_token)
seal_all(seal)
