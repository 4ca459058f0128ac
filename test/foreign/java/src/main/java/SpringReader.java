import org.springframework.security.oauth2.jose.jws.SignatureAlgorithm;
import org.springframework.security.oauth2.jwt.JwtDecoder;
import org.springframework.security.oauth2.jwt.JwtDecoders;
import org.springframework.security.oauth2.jwt.JwtValidators;
import org.springframework.security.oauth2.jwt.NimbusJwtDecoder;

/** The decoder of Spring's resource server. `issuer-uri` alone makes the one of the row "as it is". */
final class SpringReader {
    public static void main(String[] words) {
        Report.verifyAll((token, audience, algorithm) -> {
            NimbusJwtDecoder decoder = NimbusJwtDecoder.withIssuerLocation(Report.ISSUER)
                .jwsAlgorithm(SignatureAlgorithm.from(algorithm))
                .validateType(false)
                .build();
            decoder.setJwtValidator(JwtValidators.createAtJwtValidator()
                .issuer(Report.ISSUER).audience(audience).clientId((String) Report.member("client", "id"))
                .build());
            return decoder.decode(token).getSubject();
        });
        String valid = (String) Report.member("tokens", "ES256", "valid");
        Report.row("as it is", () -> {
            JwtDecoder decoder = JwtDecoders.fromIssuerLocation(Report.ISSUER);
            decoder.decode(valid);
        });
        Report.row("fromOidcIssuerLocation", () -> JwtDecoders.fromOidcIssuerLocation(Report.ISSUER));
    }
}
