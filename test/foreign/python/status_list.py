"""token-status-list reads the list of a login that is revoked meanwhile."""

import time

import jwt
import requests
from token_status_list import BitArray

from report import demand, issuer, metadata, row, setup

login = setup["login"]
keys = jwt.PyJWKClient(metadata["jwks_uri"])
answer = requests.post(
    f"{issuer}/login",
    json={
        "client_id": login["id"],
        "client_secret": login["secret"],
        "scope": "read offline_access",
    },
    timeout=10,
).json()
reference = jwt.decode(answer["access_token"], options={"verify_signature": False})
place = reference["status"]["status_list"]


def read_status():
    """The bit of the login in a list whose signature is verified."""
    text = requests.get(place["uri"], timeout=10).text
    key = keys.get_signing_key_from_jwt(text)
    claims = jwt.decode(text, key, algorithms=["ES256"], issuer=issuer)
    demand(claims["sub"] == place["uri"], "another list")
    return BitArray.load(claims["status_list"])[place["idx"]]


def revoke():
    """Revokes the refresh token, and with it the login."""
    requests.post(
        metadata["revocation_endpoint"],
        auth=(login["id"], login["secret"]),
        data={"token": answer["refresh_token"]},
        timeout=10,
    )
    until = time.monotonic() + 10
    while read_status() != 1:
        demand(time.monotonic() < until, "still valid after 10 seconds")


row("valid", lambda: demand(read_status() == 0, "the status is not 0"))
row("revoked", revoke)
