import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.oauth2.sdk.AccessTokenResponse;
import com.nimbusds.oauth2.sdk.ClientCredentialsGrant;
import com.nimbusds.oauth2.sdk.TokenRequest;
import com.nimbusds.oauth2.sdk.TokenResponse;
import com.nimbusds.oauth2.sdk.auth.ClientAuthentication;
import com.nimbusds.oauth2.sdk.auth.ClientSecretBasic;
import com.nimbusds.oauth2.sdk.auth.PrivateKeyJWT;
import com.nimbusds.oauth2.sdk.auth.Secret;
import com.nimbusds.oauth2.sdk.as.AuthorizationServerMetadata;
import com.nimbusds.oauth2.sdk.id.ClientID;
import com.nimbusds.oauth2.sdk.id.Issuer;
import java.net.URI;
import java.util.Map;

/** The OAuth SDK of Nimbus: by secret, and by key with two addresses in `aud`. */
final class NimbusClient {
    public static void main(String[] words) {
        Report.row("metadata", () -> AuthorizationServerMetadata.resolve(new Issuer(Report.ISSUER)));
        Report.row("client secret", () -> grant(new ClientSecretBasic(
            new ClientID((String) Report.member("client", "id")),
            new Secret((String) Report.member("client", "secret")))));
        Report.row("private_key_jwt with the token endpoint",
            () -> grant(signed(new URI(Report.TOKEN_ENDPOINT))));
        Report.row("private_key_jwt with the issuer", () -> grant(signed(new URI(Report.ISSUER))));
    }

    @SuppressWarnings("unchecked")
    private static ClientAuthentication signed(URI audience) throws Exception {
        ECKey key = ECKey.parse((Map<String, Object>) Report.member("keys", "ec"));
        ClientID id = new ClientID((String) Report.member("keys", "id"));
        return new PrivateKeyJWT(id, audience, JWSAlgorithm.ES256, key.toECPrivateKey(), key.getKeyID(), null);
    }

    private static void grant(ClientAuthentication authentication) throws Exception {
        TokenRequest request = new TokenRequest.Builder(
                new URI(Report.TOKEN_ENDPOINT), authentication, new ClientCredentialsGrant())
            .resources(new URI(Report.AUDIENCE)).build();
        TokenResponse reply = TokenResponse.parse(request.toHTTPRequest().send());
        if (!reply.indicatesSuccess())
            throw new IllegalStateException(reply.toErrorResponse().getErrorObject().getCode());
        AccessTokenResponse granted = reply.toSuccessResponse();
        Report.checkToken(granted.getTokens().getAccessToken().getValue());
    }
}
