"""Authlib as a client: by secret, by key, and with an assertion alone."""

import time
import uuid

from authlib.integrations.requests_client import AssertionSession, OAuth2Session
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from joserfc.jwk import RSAKey

from report import audience, demand_token, issuer, metadata, row, setup

endpoint = metadata["token_endpoint"]
keys = setup["keys"]


def by_secret():
    """HTTP Basic."""
    client = setup["client"]
    session = OAuth2Session(client["id"], client["secret"])
    token = session.fetch_token(
        endpoint, grant_type="client_credentials", resource=audience
    )
    demand_token(token["access_token"])


def by_key(target, claims):
    """private_key_jwt with the given `aud`."""
    key = RSAKey.import_key(keys["rsaPem"])
    session = OAuth2Session(
        keys["id"], key, token_endpoint_auth_method="private_key_jwt"
    )
    session.register_client_auth_method(PrivateKeyJWT(target, claims=claims))
    token = session.fetch_token(
        endpoint, grant_type="client_credentials", resource=audience
    )
    demand_token(token["access_token"])


def by_assertion():
    """A service account of JWT bearer, without a client."""
    session = AssertionSession(
        endpoint,
        issuer="https://idp.example",
        subject="bob",
        audience=issuer,
        key=RSAKey.import_key(keys["rsaPem"]),
        header={"alg": "RS256"},
        claims={"jti": str(uuid.uuid4())},
    )
    session.refresh_token()


def short():
    """Four minutes instead of the hour of this library."""
    return {"exp": int(time.time()) + 240}


row("client secret", by_secret)
row("private_key_jwt as it is", lambda: by_key(None, None))
row("private_key_jwt with the issuer", lambda: by_key(issuer, None))
row("private_key_jwt with the issuer and exp", lambda: by_key(issuer, short()))
row("AssertionSession", by_assertion)
