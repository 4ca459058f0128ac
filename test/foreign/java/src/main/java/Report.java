import com.nimbusds.jose.util.JSONObjectUtils;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;

/** Reads the set-up of the service that runs and prints rows for the runner. */
final class Report {
    static final Map<String, Object> SETUP = read();
    static final String ISSUER = (String) SETUP.get("issuer");
    static final String AUDIENCE = (String) member("tokens", "ES256", "audience");
    static final String JWKS_URI = (String) member("metadata", "jwks_uri");
    static final String TOKEN_ENDPOINT = (String) member("metadata", "token_endpoint");

    private Report() {}

    /** Does one row. A refusal is thrown. */
    interface Row {
        void perform() throws Exception;
    }

    /** Makes a token. */
    interface Make {
        String make() throws Exception;
    }

    /** Verifies a token and returns its subject. */
    interface Verify {
        String read(String token, String audience, String algorithm) throws Exception;
    }

    static boolean row(String name, Row row) {
        return print(name, outcomeOf(row));
    }

    /** Prints a token that is encrypted here, which the runner opens. */
    static void tokenRow(String name, Make make) {
        String[] token = {""};
        String outcome = outcomeOf(() -> token[0] = make.make());
        print(name, outcome.equals("ok") ? "token " + token[0] : outcome);
    }

    private static String outcomeOf(Row row) {
        try {
            row.perform();
            return "ok";
        } catch (Exception fault) {
            Throwable cause = fault.getCause();
            return "refused " + fault + (cause == null ? "" : " " + cause);
        }
    }

    private static boolean print(String name, String outcome) {
        System.out.println(name + "\t" + outcome.replaceAll("\\s+", " "));
        return outcome.equals("ok");
    }

    /** Prints three rows for each algorithm. */
    static void verifyAll(Verify verify) {
        for (String algorithm : List.of("ES256", "RS256", "PS256", "EdDSA")) {
            String audience = (String) member("tokens", algorithm, "audience");
            String valid = (String) member("tokens", algorithm, "valid");
            String tampered = (String) member("tokens", algorithm, "tampered");
            if (!row(algorithm, () -> check(verify.read(valid, audience, algorithm)))) continue;
            row(algorithm + " tampered", () -> check(verify.read(tampered, audience, algorithm)));
            row(algorithm + " other audience",
                () -> check(verify.read(valid, "https://other.example", algorithm)));
        }
    }

    /** Demands an access token of our issuer for the first resource. */
    static void checkToken(String token) throws Exception {
        String text = new String(Base64.getUrlDecoder().decode(token.split("\\.")[1]));
        Map<String, Object> claims = JSONObjectUtils.parse(text);
        boolean isOurs = ISSUER.equals(claims.get("iss")) && AUDIENCE.equals(claims.get("aud"));
        if (!isOurs) throw new IllegalStateException("the token is for " + claims.get("aud"));
    }

    static Object member(String... path) {
        Object found = SETUP;
        for (String name : path) found = ((Map<?, ?>) found).get(name);
        return found;
    }

    private static void check(String subject) {
        if (!member("client", "id").equals(subject)) throw new IllegalStateException("another subject");
    }

    private static Map<String, Object> read() {
        try {
            return JSONObjectUtils.parse(Files.readString(Path.of(System.getenv("FOREIGN_SETUP"))));
        } catch (Exception fault) {
            throw new IllegalStateException(fault);
        }
    }
}
