"""requests_oauth2client: by secret, by key and with DPoP."""

from requests_oauth2client import OAuth2Client, PrivateKeyJwt

from report import audience, claims_of, demand, demand_token, issuer, metadata, row, setup

endpoint = metadata["token_endpoint"]
client = setup["client"]
keys = setup["keys"]


def client_of(auth, **options):
    """A client that accepts the plain http of the loopback."""
    return OAuth2Client(endpoint, auth=auth, testing=True, **options)


def by_secret():
    """The form of this library's choice."""
    found = client_of((client["id"], client["secret"]))
    demand_token(str(found.client_credentials(resource=audience)))


def by_key(key, **options):
    """private_key_jwt."""
    auth = PrivateKeyJwt(keys["id"], key, **options)
    demand_token(str(client_of(auth).client_credentials(resource=audience)))


def bound(algorithm):
    """A token that is bound to a new key."""
    found = client_of((client["id"], client["secret"]), dpop_alg=algorithm)
    token = found.client_credentials(resource=audience, dpop=True)
    demand("cnf" in claims_of(token.access_token), "the token is not bound")


row("client secret", by_secret)
row("private_key_jwt as it is", lambda: by_key(keys["ec"]))
row("private_key_jwt with the issuer ES256", lambda: by_key(keys["ec"], aud=issuer))
row("private_key_jwt with the issuer RS256", lambda: by_key(keys["rsa"], aud=issuer))
row("DPoP ES256", lambda: bound("ES256"))
row("DPoP PS256", lambda: bound("PS256"))
row("DPoP RS256", lambda: bound("RS256"))
