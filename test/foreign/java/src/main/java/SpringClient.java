import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.RSAKey;
import java.util.List;
import java.util.Map;
import org.springframework.security.oauth2.client.endpoint.NimbusJwtClientAuthenticationParametersConverter;
import org.springframework.security.oauth2.client.endpoint.OAuth2ClientCredentialsGrantRequest;
import org.springframework.security.oauth2.client.endpoint.RestClientClientCredentialsTokenResponseClient;
import org.springframework.security.oauth2.client.registration.ClientRegistration;
import org.springframework.security.oauth2.core.AuthorizationGrantType;
import org.springframework.security.oauth2.core.ClientAuthenticationMethod;
import org.springframework.util.LinkedMultiValueMap;

/** Spring as a client: by secret, and by key with two addresses in `aud`. */
final class SpringClient {
    public static void main(String[] words) {
        Report.row("client secret", () -> {
            ClientRegistration.Builder client = registration("client", ClientAuthenticationMethod.CLIENT_SECRET_BASIC);
            client.clientSecret((String) Report.member("client", "secret"));
            grant(new RestClientClientCredentialsTokenResponseClient(), client);
        });
        Report.row("private_key_jwt as it is", () -> grant(signing(null), byKey()));
        Report.row("private_key_jwt with the issuer", () -> grant(signing(Report.ISSUER), byKey()));
    }

    private static ClientRegistration.Builder byKey() {
        return registration("keys", ClientAuthenticationMethod.PRIVATE_KEY_JWT);
    }

    private static ClientRegistration.Builder registration(String member, ClientAuthenticationMethod method) {
        return ClientRegistration.withRegistrationId("foreign")
            .clientId((String) Report.member(member, "id"))
            .clientAuthenticationMethod(method)
            .authorizationGrantType(AuthorizationGrantType.CLIENT_CREDENTIALS)
            .tokenUri(Report.TOKEN_ENDPOINT);
    }

    /** Signs assertions. Without an audience Spring writes the token endpoint. */
    @SuppressWarnings("unchecked")
    private static RestClientClientCredentialsTokenResponseClient signing(String audience) throws Exception {
        JWK key = RSAKey.parse((Map<String, Object>) Report.member("keys", "rsa"));
        NimbusJwtClientAuthenticationParametersConverter<OAuth2ClientCredentialsGrantRequest> converter =
            new NimbusJwtClientAuthenticationParametersConverter<>(registration -> key);
        if (audience != null)
            converter.setJwtClientAssertionCustomizer(
                context -> context.getClaims().audience(List.of(audience)));
        RestClientClientCredentialsTokenResponseClient client = new RestClientClientCredentialsTokenResponseClient();
        client.addParametersConverter(converter);
        return client;
    }

    private static void grant(
            RestClientClientCredentialsTokenResponseClient client, ClientRegistration.Builder registration)
            throws Exception {
        client.addParametersConverter(request -> {
            LinkedMultiValueMap<String, String> form =
                new LinkedMultiValueMap<>();
            form.add("resource", Report.AUDIENCE);
            return form;
        });
        OAuth2ClientCredentialsGrantRequest request =
            new OAuth2ClientCredentialsGrantRequest(registration.build());
        Report.checkToken(client.getTokenResponse(request).getAccessToken().getTokenValue());
    }
}
