import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.source.JWKSourceBuilder;
import com.nimbusds.jose.proc.DefaultJOSEObjectTypeVerifier;
import com.nimbusds.jose.proc.JWSVerificationKeySelector;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.proc.DefaultJWTClaimsVerifier;
import com.nimbusds.jwt.proc.DefaultJWTProcessor;
import java.net.URI;
import java.util.List;
import java.util.Set;

public final class Verify {
    private static final String ISSUER = System.getenv("ISSUER");
    private static final String AUDIENCE = System.getenv("AUDIENCE");

    /** Fetches the key set, keeps it, and fetches it again for an unknown key. */
    private static DefaultJWTProcessor<SecurityContext> createVerifier() throws Exception {
        var address = URI.create(ISSUER + "/.well-known/jwks.json").toURL();
        var keys = JWKSourceBuilder.<SecurityContext>create(address).build();
        var exact = new JWTClaimsSet.Builder().issuer(ISSUER).build();
        var required = Set.of("iss", "aud", "sub", "exp", "iat");
        var claims = new DefaultJWTClaimsVerifier<SecurityContext>(AUDIENCE, exact, required);
        claims.setMaxClockSkew(10);
        var verifier = new DefaultJWTProcessor<SecurityContext>();
        verifier.setJWSKeySelector(new JWSVerificationKeySelector<>(JWSAlgorithm.ES256, keys));
        verifier.setJWSTypeVerifier(
            new DefaultJOSEObjectTypeVerifier<>(new JOSEObjectType("at+jwt")));
        verifier.setJWTClaimsSetVerifier(claims);
        return verifier;
    }

    /** Returns the claims of a good access token, and throws for any other. */
    private static JWTClaimsSet verify(
            DefaultJWTProcessor<SecurityContext> verifier, String token, String scope)
            throws Exception {
        JWTClaimsSet claims = verifier.process(token, null);
        String scopes = claims.getStringClaim("scope");
        if (scopes == null || !List.of(scopes.split(" ")).contains(scope))
            throw new SecurityException("the token lacks the scope " + scope);
        return claims;
    }

    public static void main(String[] words) throws Exception {
        String token = new String(System.in.readAllBytes()).trim();
        System.out.println(verify(createVerifier(), token, "read").getSubject());
    }
}
