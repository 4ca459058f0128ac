"""Authlib's validator of RFC 9068."""

from authlib.oauth2.rfc9068 import JWTBearerTokenValidator

from report import fetch_json, issuer, metadata, verify_all


class Validator(JWTBearerTokenValidator):
    """The one method that users write."""

    def get_jwks(self):
        return fetch_json(metadata["jwks_uri"])


def verify(token, audience, _algorithm):
    """Reads one token."""
    validator = Validator(issuer=issuer, resource_server=audience)
    claims = validator.authenticate_token(token)
    validator.validate_token(claims, ["read"], None)
    return claims


verify_all(verify)
