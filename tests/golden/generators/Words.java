// What Java makes of a key, of a value and of a MAC: a line for each, `table kind name secret text`, the last two in base64.
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import java.util.TimeZone;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

public class Words {
    static final String BODY = "{\"id\":\"evt_1\",\"sent\":\"2026-05-08T11:59:58Z\",\"order\":{\"number\":4711}}";
    static final String STAMP = "1778241600250";
    static final String ID = "msg_1";
    static final String TOKEN = "k3y-for-tests_0123456789";

    static String content(Object id, Object stamp) {
        return id + "." + stamp + "." + BODY;
    }

    static byte[] mac(byte[] key, String text) throws Exception {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(key, "HmacSHA256"));
        return mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
    }

    static String hex(byte[] bytes) {
        StringBuilder out = new StringBuilder();
        for (byte one : bytes) out.append(String.format("%02x", one));
        return out.toString();
    }

    static void line(String table, String kind, String name, String secret, String text) {
        Base64.Encoder base64 = Base64.getEncoder();
        byte[] own = secret.getBytes(StandardCharsets.UTF_8), shown = text.getBytes(StandardCharsets.UTF_8);
        System.out.println(String.join("\t", table, kind, name, base64.encodeToString(own), base64.encodeToString(shown)));
    }

    static void key(String kind, String name, String secret, byte[] made) throws Exception {
        line("key", kind, name, secret, hex(mac(made, content(ID, STAMP))));
    }

    static void value(String kind, String name, String text) throws Exception {
        line("value", kind, name, TOKEN, hex(mac(TOKEN.getBytes(StandardCharsets.UTF_8), text)));
    }

    static byte[] digits(String hex) {
        byte[] out = new byte[hex.length() / 2];
        for (int at = 0; at < hex.length(); at += 2) {
            out[at / 2] = (byte) ((Character.digit(hex.charAt(at), 16) << 4) + Character.digit(hex.charAt(at + 1), 16));
        }
        return out;
    }

    public static void main(String[] args) throws Exception {
        TimeZone.setDefault(TimeZone.getTimeZone("UTC"));
        key("secret.base64", "the MIME decoder", "my-secret_key.with+chars12", Base64.getMimeDecoder().decode("my-secret_key.with+chars12"));
        key("secret.charset", "UTF-16", TOKEN, TOKEN.getBytes(StandardCharsets.UTF_16));
        key("secret.charset", "UTF-16BE", TOKEN, TOKEN.getBytes(StandardCharsets.UTF_16BE));
        key("secret.hex", "digits by hand", "zJ7pQ2vLk9TnR4xW", digits("zJ7pQ2vLk9TnR4xW"));
        key("secret.charset", "US_ASCII", "schlüssel-für-zoë", "schlüssel-für-zoë".getBytes(StandardCharsets.US_ASCII));
        Instant at = Instant.ofEpochMilli(1778241600250L);
        value("content.timestamp-missing", "null", content(ID, null));
        value("content.timestamp-missing", "Optional.empty", content(ID, Optional.empty()));
        value("content.id-missing", "null", content(null, STAMP));
        value("content.timestamp-unit", "a double", content(ID, Double.parseDouble(STAMP)));
        value("content.timestamp-unit", "Instant", content(ID, at));
        value("content.timestamp-unit", "Date", content(ID, Date.from(at)));
        value("content.timestamp-unit", "seconds", content(ID, at.getEpochSecond()));
        value("content.timestamp-unit", "LocalDateTime of seconds", content(ID, at.atOffset(ZoneOffset.UTC).toLocalDateTime().withNano(0).withSecond(1).minusSeconds(1).plusSeconds(0).format(java.time.format.DateTimeFormatter.ISO_LOCAL_DATE_TIME)));
        value("content.timestamp-other", "Optional", content(ID, Optional.of(STAMP)));
        value("content.timestamp-other", "a list", content(ID, List.of(STAMP)));
        value("content.id-other", "a list", content(List.of(ID), STAMP));
        byte[] right = mac(TOKEN.getBytes(StandardCharsets.UTF_8), content(ID, STAMP));
        line("mac", "signature.encoding", "Arrays.toString", TOKEN, Arrays.toString(right));
        line("mac", "signature.encoding", "base64", TOKEN, Base64.getEncoder().encodeToString(right));
        line("mac", "signature.encoding", "base64url", TOKEN, Base64.getUrlEncoder().encodeToString(right));
        line("mac", "signature.encoding", "Latin-1", TOKEN, new String(right, StandardCharsets.ISO_8859_1));
        line("mac", "signature.encoding", "UTF-8", TOKEN, new String(right, StandardCharsets.UTF_8));
        line("mac", "signature.prefix", "BigInteger", TOKEN, String.format("%064x", new BigInteger(1, right)));
    }
}
