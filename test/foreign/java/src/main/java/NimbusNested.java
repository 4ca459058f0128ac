import com.nimbusds.jose.EncryptionMethod;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWEAlgorithm;
import com.nimbusds.jose.JWEEncrypter;
import com.nimbusds.jose.JWEHeader;
import com.nimbusds.jose.JWEObject;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.Payload;
import com.nimbusds.jose.crypto.ECDHEncrypter;
import com.nimbusds.jose.crypto.RSAEncrypter;
import com.nimbusds.jose.crypto.X25519Decrypter;
import com.nimbusds.jose.crypto.X25519Encrypter;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.source.ImmutableJWKSet;
import com.nimbusds.jose.jwk.source.JWKSource;
import com.nimbusds.jose.jwk.source.JWKSourceBuilder;
import com.nimbusds.jose.proc.DefaultJOSEObjectTypeVerifier;
import com.nimbusds.jose.proc.JWEDecryptionKeySelector;
import com.nimbusds.jose.proc.JWSVerificationKeySelector;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.proc.DefaultJWTClaimsVerifier;
import com.nimbusds.jwt.proc.DefaultJWTProcessor;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Nimbus: the processor opens with RSA and EC keys, the decrypter of X25519 is called by hand. */
final class NimbusNested {
    private static JWKSource<SecurityContext> keys;

    public static void main(String[] words) throws Exception {
        keys = JWKSourceBuilder.create(URI.create(Report.JWKS_URI).toURL()).build();
        for (Map<?, ?> given : rows("opens")) {
            String name = "opens " + given.get("name");
            if (Report.row(name, () -> check(open(given, "token"))))
                Report.row(name + " changed", () -> check(open(given, "changed")));
            if (isX25519(given))
                Report.row(name + " with DefaultJWTProcessor", () -> check(process(given, "token")));
        }
        for (Map<?, ?> given : rows("seals")) {
            String name = (String) given.get("row");
            Report.tokenRow(name, () -> seal(given));
        }
    }

    private static String open(Map<?, ?> given, String which) throws Exception {
        if (!isX25519(given)) return process(given, which);
        JWEObject sealed = JWEObject.parse((String) given.get(which));
        sealed.decrypt(new X25519Decrypter(keyOf(given).toOctetKeyPair()));
        return processor(given).process(sealed.getPayload().toString(), null).getSubject();
    }

    private static String process(Map<?, ?> given, String which) throws Exception {
        DefaultJWTProcessor<SecurityContext> processor = processor(given);
        JWEAlgorithm algorithm = JWEAlgorithm.parse((String) given.get("alg"));
        processor.setJWEKeySelector(new JWEDecryptionKeySelector<>(
            algorithm, EncryptionMethod.A256GCM, new ImmutableJWKSet<>(new JWKSet(keyOf(given)))));
        return processor.process((String) given.get(which), null).getSubject();
    }

    private static DefaultJWTProcessor<SecurityContext> processor(Map<?, ?> given) {
        DefaultJWTProcessor<SecurityContext> processor = new DefaultJWTProcessor<>();
        processor.setJWSKeySelector(new JWSVerificationKeySelector<>(JWSAlgorithm.ES256, keys));
        JOSEObjectType type = new JOSEObjectType("at+jwt");
        processor.setJWSTypeVerifier(new DefaultJOSEObjectTypeVerifier<>(type));
        JWTClaimsSet exact = new JWTClaimsSet.Builder().issuer(Report.ISSUER).build();
        processor.setJWTClaimsSetVerifier(new DefaultJWTClaimsVerifier<>(
            (String) given.get("audience"), exact, Set.of("sub", "exp")));
        return processor;
    }

    private static String seal(Map<?, ?> given) throws Exception {
        JWK key = keyOf(given);
        JWEAlgorithm algorithm = JWEAlgorithm.parse((String) given.get("alg"));
        EncryptionMethod method = EncryptionMethod.parse((String) given.get("enc"));
        JWEHeader head =
            new JWEHeader.Builder(algorithm, method).keyID(key.getKeyID()).contentType("JWT").build();
        JWEObject sealed = new JWEObject(head, new Payload((String) given.get("inner")));
        sealed.encrypt(encrypter(key));
        return sealed.serialize();
    }

    private static JWEEncrypter encrypter(JWK key) throws Exception {
        return switch (key.getKeyType().getValue()) {
            case "RSA" -> new RSAEncrypter(key.toRSAKey());
            case "EC" -> new ECDHEncrypter(key.toECKey());
            default -> new X25519Encrypter(key.toOctetKeyPair());
        };
    }

    private static boolean isX25519(Map<?, ?> given) {
        return "OKP".equals(((Map<?, ?>) given.get("jwk")).get("kty"));
    }

    @SuppressWarnings("unchecked")
    private static JWK keyOf(Map<?, ?> given) throws Exception {
        return JWK.parse((Map<String, Object>) given.get("jwk"));
    }

    @SuppressWarnings("unchecked")
    private static List<Map<?, ?>> rows(String name) {
        return (List<Map<?, ?>>) Report.member("nested", name);
    }

    private static void check(String subject) {
        if (!Report.member("nested", "subject").equals(subject))
            throw new IllegalStateException("another subject");
    }
}
