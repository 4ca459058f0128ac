"""joserfc: RSA-OAEP-256 and the signature algorithm are named."""

from joserfc import jwe, jwt
from joserfc.jwk import KeySet, import_key

from report import fetch_json, issuer, metadata, open_all, row, seal_all, setup

keys = KeySet.import_key_set(fetch_json(metadata["jwks_uri"]))


def open_token(token, given, named=True):
    """Opens the token and verifies the one inside."""
    algorithms = [given["alg"], "A256GCM"] if named else None
    opened = jwe.decrypt_compact(token, import_key(given["jwk"]), algorithms=algorithms)
    read = jwt.decode(opened.plaintext.decode(), keys, algorithms=["ES256"])
    registry = jwt.JWTClaimsRegistry(
        iss={"essential": True, "value": issuer},
        aud={"essential": True, "value": given["audience"]},
        exp={"essential": True},
    )
    registry.validate(read.claims)
    return read.claims


def seal(given):
    """Encrypts the signed token."""
    alg, enc, key = given["alg"], given["enc"], given["jwk"]
    head = {"alg": alg, "enc": enc, "kid": key["kid"], "cty": "JWT"}
    return jwe.encrypt_compact(head, given["inner"], import_key(key), algorithms=[alg, enc])


open_all(open_token)
seal_all(seal)
first = setup["nested"]["opens"][0]
row(f"{first['name']} not named", lambda: open_token(first["token"], first, named=False))
