import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.source.JWKSource;
import com.nimbusds.jose.jwk.source.JWKSourceBuilder;
import com.nimbusds.jose.proc.DefaultJOSEObjectTypeVerifier;
import com.nimbusds.jose.proc.JWSVerificationKeySelector;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.proc.DefaultJWTClaimsVerifier;
import com.nimbusds.jwt.proc.DefaultJWTProcessor;
import java.net.URI;
import java.util.Set;

/** Nimbus: the type of the token is named, or every token is refused. */
final class NimbusReader {
    public static void main(String[] words) throws Exception {
        JWKSource<SecurityContext> keys =
            JWKSourceBuilder.create(URI.create(Report.JWKS_URI).toURL()).build();
        Report.verifyAll((token, audience, algorithm) -> verify(keys, token, audience, algorithm, true));
        String valid = (String) Report.member("tokens", "ES256", "valid");
        Report.row("without typ", () -> verify(keys, valid, Report.AUDIENCE, "ES256", false));
    }

    private static String verify(
            JWKSource<SecurityContext> keys, String token, String audience, String algorithm, boolean typed)
            throws Exception {
        DefaultJWTProcessor<SecurityContext> processor = new DefaultJWTProcessor<>();
        JWSAlgorithm expected = JWSAlgorithm.parse(algorithm);
        processor.setJWSKeySelector(new JWSVerificationKeySelector<>(expected, keys));
        if (typed) {
            JOSEObjectType type = new JOSEObjectType("at+jwt");
            processor.setJWSTypeVerifier(new DefaultJOSEObjectTypeVerifier<>(type));
        }
        JWTClaimsSet exact = new JWTClaimsSet.Builder().issuer(Report.ISSUER).build();
        processor.setJWTClaimsSetVerifier(
            new DefaultJWTClaimsVerifier<>(audience, exact, Set.of("sub", "exp")));
        return processor.process(token, null).getSubject();
    }
}
