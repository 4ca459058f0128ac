import os
import sys

import jwt

ISSUER = os.environ["ISSUER"]
AUDIENCE = os.environ["AUDIENCE"]

# Fetches the key set, keeps it, and fetches it again for an unknown key.
keys = jwt.PyJWKClient(f"{ISSUER}/.well-known/jwks.json")


def verify(token: str, scope: str) -> dict:
    """Returns the claims of a good access token, and raises an error for any other."""
    read = jwt.decode_complete(
        token,
        keys.get_signing_key_from_jwt(token),
        algorithms=["ES256"],
        issuer=ISSUER,
        audience=AUDIENCE,
        leeway=10,
        options={"require": ["iss", "aud", "sub", "exp", "iat"]},
    )
    if read["header"].get("typ") != "at+jwt":
        raise jwt.InvalidTokenError("the token is no access token")
    claims = read["payload"]
    if scope not in claims.get("scope", "").split(" "):
        raise PermissionError(f"the token lacks the scope {scope}")
    return claims


print(verify(sys.stdin.read().strip(), "read")["sub"])
