"""requests-oauthlib with a client of the backend kind."""

from oauthlib.oauth2 import BackendApplicationClient
from requests_oauthlib import OAuth2Session

from report import audience, demand_token, metadata, row, setup


def by_secret():
    """HTTP Basic."""
    client = setup["client"]
    session = OAuth2Session(client=BackendApplicationClient(client_id=client["id"]))
    token = session.fetch_token(
        metadata["token_endpoint"],
        client_id=client["id"],
        client_secret=client["secret"],
        resource=audience,
    )
    demand_token(token["access_token"])


row("client secret", by_secret)
