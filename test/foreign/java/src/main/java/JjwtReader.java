import com.nimbusds.jose.util.JSONObjectUtils;
import io.jsonwebtoken.Jwts;
import io.jsonwebtoken.security.Jwk;
import io.jsonwebtoken.security.JwkSet;
import io.jsonwebtoken.security.Jwks;
import java.util.HashMap;
import java.util.Map;

/** jjwt with the whole key set. */
final class JjwtReader {
    @SuppressWarnings("unchecked")
    public static void main(String[] words) {
        String text = JSONObjectUtils.toJSONString((Map<String, Object>) Report.member("jwks"));
        JwkSet set = Jwks.setParser().build().parse(text);
        Map<String, Jwk<?>> keys = new HashMap<>();
        for (Jwk<?> key : set.getKeys()) keys.put(key.getId(), key);
        Report.verifyAll((token, audience, algorithm) -> Jwts.parser()
            .keyLocator(header -> keys.get((String) header.get("kid")).toKey())
            .requireIssuer(Report.ISSUER)
            .requireAudience(audience)
            .build()
            .parseSignedClaims(token)
            .getPayload()
            .getSubject());
    }
}
