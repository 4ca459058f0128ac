import com.auth0.jwk.JwkProvider;
import com.auth0.jwk.JwkProviderBuilder;
import com.auth0.jwt.JWT;
import com.auth0.jwt.algorithms.Algorithm;
import java.net.URI;
import java.security.PublicKey;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;

/** java-jwt of Auth0 with the keys of jwks-rsa. */
final class JavaJwtReader {
    public static void main(String[] words) throws Exception {
        JwkProvider keys = new JwkProviderBuilder(URI.create(Report.JWKS_URI).toURL()).build();
        Report.verifyAll((token, audience, algorithm) -> {
            PublicKey key = keys.get(JWT.decode(token).getKeyId()).getPublicKey();
            return JWT.require(choose(algorithm, key))
                .withIssuer(Report.ISSUER)
                .withAudience(audience)
                .build()
                .verify(token)
                .getSubject();
        });
    }

    private static Algorithm choose(String name, PublicKey key) {
        return switch (name) {
            case "ES256" -> Algorithm.ECDSA256((ECPublicKey) key, null);
            case "RS256" -> Algorithm.RSA256((RSAPublicKey) key, null);
            default -> throw new IllegalArgumentException("the library does not offer " + name);
        };
    }
}
