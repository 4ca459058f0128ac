import org.jose4j.jwa.AlgorithmConstraints;
import org.jose4j.jwa.AlgorithmConstraints.ConstraintType;
import org.jose4j.jwk.HttpsJwks;
import org.jose4j.jwt.consumer.JwtConsumerBuilder;
import org.jose4j.keys.resolvers.HttpsJwksVerificationKeyResolver;

/** jose4j with its own client of the key set. */
final class Jose4jReader {
    public static void main(String[] words) {
        HttpsJwksVerificationKeyResolver keys =
            new HttpsJwksVerificationKeyResolver(new HttpsJwks(Report.JWKS_URI));
        Report.verifyAll((token, audience, algorithm) -> new JwtConsumerBuilder()
            .setVerificationKeyResolver(keys)
            .setExpectedIssuer(Report.ISSUER)
            .setExpectedAudience(audience)
            .setExpectedType(true, "at+jwt")
            .setRequireExpirationTime()
            .setJwsAlgorithmConstraints(new AlgorithmConstraints(ConstraintType.PERMIT, algorithm))
            .build()
            .processToClaims(token)
            .getSubject());
    }
}
